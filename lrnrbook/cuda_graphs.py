"""Steps recorded as CUDA graphs: on a GPU, launching hundreds of small kernels takes longer than running them."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

WARM = 3  # calls before a function is recorded, as PyTorch's notes on CUDA graphs ask for


class Recorder:
    """What the recorded functions of one trainer share on a GPU: memory, and a stream to run and record on.

    With memory in common, the outputs of one function are valid until another is called.
    """

    def __init__(self, device: torch.device):
        self.device, self.on_gpu = device, device.type == "cuda"
        if self.on_gpu:
            with torch.cuda.device(device):
                self.pool, self.stream = torch.cuda.graph_pool_handle(), torch.cuda.Stream()

    def run(self, function: Callable, inputs: list[Tensor]) -> list[Tensor]:
        """Call the function on the own stream, so that nothing of it is bound to the default one."""
        with torch.cuda.device(self.device):
            main = torch.cuda.current_stream()
            self.stream.wait_stream(main)
            with torch.cuda.stream(self.stream):
                found = function(*inputs)
            main.wait_stream(self.stream)
        return found

    def record(self, function: Callable, inputs: list[Tensor]) -> tuple[torch.cuda.CUDAGraph, list[Tensor]]:
        """Graph of a call, and its outputs."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self.device), _no_collection(), torch.cuda.graph(graph, self.pool, self.stream):
            outputs = function(*inputs)
        return graph, outputs


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect garbage now and not within: a graph of an earlier run that is freed while one is recorded spoils it."""
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Replay:
    """A function of tensors of fixed shapes that changes its state in place: recorded once on a GPU, then replayed.

    The function gives a list of tensors, with no read-back of a value and no shape that depends on one. The first calls
    run as they are, and count; recording itself computes nothing. So no call is done twice, and the results are those
    of the bare function. On the CPU every call runs as it is, from the same fixed inputs.
    """

    def __init__(self, function: Callable[..., list[Tensor]], recorder: Recorder):
        self.function, self.recorder = function, recorder
        self.calls, self.inputs, self.outputs, self.graph = 0, [], [], None

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """Outputs for these inputs; on a GPU the next call overwrites them."""
        if not self.inputs:
            self.inputs = [torch.empty_like(a) for a in inputs]
        for mine, given in zip(self.inputs, inputs, strict=True):
            mine.copy_(given)
        self.calls += 1
        if not self.recorder.on_gpu:
            return self.function(*self.inputs)
        if self.calls <= WARM:
            return self.recorder.run(self.function, self.inputs)
        if self.graph is None:
            self.graph, self.outputs = self.recorder.record(self.function, self.inputs)
        self.graph.replay()
        return self.outputs
