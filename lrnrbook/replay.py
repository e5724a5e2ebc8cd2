"""Steps recorded as CUDA graphs: on a GPU, launching hundreds of small kernels takes longer than running them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

WARM = 3  # calls before a function is recorded, as PyTorch's notes on CUDA graphs ask for


class Replay:
    """A function of tensors of fixed shapes that changes its state in place: recorded once on a GPU, then replayed.

    The first calls run as they are, and count; recording itself computes nothing. So no call is done twice, and the
    results are those of the bare function. On the CPU every call runs as it is, from the same fixed inputs.

    Parameters
    ----------
    function : callable
        From tensors to a list of tensors, with no read-back of a value and no shape that depends on one.
    device : torch.device
    pool : tuple, optional
        Memory that several recorded functions share (`torch.cuda.graph_pool_handle`): the outputs of one are valid
        until another is called.
    """

    def __init__(self, function: Callable[..., list[Tensor]], device: torch.device, pool=None):
        self.function, self.device, self.pool = function, device, pool
        self.calls, self.inputs, self.outputs = 0, [], []
        self.graph = None

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """Outputs for these inputs; on a GPU they are overwritten by the next call."""
        if not self.inputs:
            self.inputs = [torch.empty_like(a) for a in inputs]
        for mine, given in zip(self.inputs, inputs, strict=True):
            mine.copy_(given)
        self.calls += 1
        if self.device.type != "cuda":
            return self.function(*self.inputs)
        if self.calls <= WARM:
            return self._aside()
        if self.graph is None:
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph, pool=self.pool):
                self.outputs = self.function(*self.inputs)
        self.graph.replay()
        return self.outputs

    def _aside(self) -> list[Tensor]:
        """The function on a stream of its own, so that nothing of it is bound to the default one."""
        main, own = torch.cuda.current_stream(), torch.cuda.Stream()
        own.wait_stream(main)
        with torch.cuda.stream(own):
            found = self.function(*self.inputs)
        main.wait_stream(own)
        return found
