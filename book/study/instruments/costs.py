"""What a training step costs: operations and bytes counted, time measured, the peak of a core."""

from __future__ import annotations

import shutil
import time

import torch
from torch import Tensor
from torch._dynamo import config as dynamo
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from lrnrbook.trainer import Trainer

STEPS = 60  # timed at a time: six rounds of SOAP's preconditioner, which comes every tenth step


class BytesMoved(TorchDispatchMode):
    """Sums the sizes of tensors that go into and come out of operations, views aside."""

    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if not function.is_view:
            tensors = [a for a in tree_leaves((args, kwargs, out)) if isinstance(a, torch.Tensor)]
            self.total += sum(a.numel() * a.element_size() for a in tensors)
        return out


def some_batches(trainer: Trainer, count: int):
    """So many batches, from the first epoch on."""
    epoch = 0
    while True:
        for batch in trainer.batches.epoch(epoch):
            if count == 0:
                return
            count -= 1
            yield batch
        epoch += 1


def warm(recipe, data, device: str = "cpu") -> Trainer:
    """A trainer that has taken a dozen steps."""
    trainer = Trainer(data, recipe, 0, device)
    for batch in some_batches(trainer, 12):
        trainer._step(*batch)
    return trainer


def compile_step(trainer: Trainer) -> None:
    """Make loss and gradient of a batch one compiled function; equal up to rounding, and slow to begin with.

    Batches of 512 points are so small that PyTorch takes longer to start its operations than to run them.

    Raises
    ------
    ValueError
        If no g++ is there, which `torch.compile` calls.
    """
    if not shutil.which("g++"):
        raise ValueError("g++ was not found: expected it for a compiled run")

    def gradients(k: Tensor, index: Tensor) -> list[Tensor]:
        loss, parts, s = trainer.loss(k, index)
        return [parts, s.detach(), *torch.autograd.grad(loss, [s, *trainer.parameters])]

    trainer.pruning.watch = lambda s: s  # its gradient is among those asked for
    dynamo.trace_autograd_ops = True
    options = {"cpp_wrapper": True, "cpp.use_decompose_tanh": True}  # as of PyTorch 2.13 tanh is slow otherwise
    compiled = torch.compile(gradients, fullgraph=True, dynamic=False, options=options)

    def step(k: Tensor, index: Tensor) -> list[Tensor]:
        parts, s, s.grad, *found = compiled(k, index)
        trainer.pruning.observe(s, trainer.total)
        return [parts, *found]

    trainer._gradients = step
    trainer._forget_recorded()


def compile_loss(trainer: Trainer) -> None:
    """The same for a GPU, which records whole steps: the loss is compiled, and its backward pass computed in TF32.

    Of a large network the products of the backward pass are most of a step. The loss stays in float32.
    """
    compiled, gradients = torch.compile(trainer.loss, fullgraph=True, dynamic=False), trainer._gradients
    products = torch.backends.cuda.matmul

    def compute(k: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        found = compiled(k, index)
        products.allow_tf32 = True  # the backward pass comes next
        return found

    def step(k: Tensor, index: Tensor) -> list[Tensor]:
        found = gradients(k, index)
        products.allow_tf32 = False
        return found

    trainer.compute, trainer._gradients = compute, step
    trainer._forget_recorded()


def seconds_a_step(trainer: Trainer, rounds: int = 3, count: int | None = None) -> float:
    """Least mean time of so many steps, `STEPS` unless given, over some rounds."""
    count = count or STEPS
    best = float("inf")
    for _ in range(rounds):
        batches = list(some_batches(trainer, count))
        wait(trainer.device)
        start = time.perf_counter()
        for batch in batches:
            trainer._step(*batch)
        wait(trainer.device)
        best = min(best, (time.perf_counter() - start) / count)
    return best


def wait(device: torch.device) -> None:
    """Until a GPU has done what it was given; the CPU never lags behind."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _least(action, repeats: int, device: torch.device) -> float:
    times = []
    for _ in range(repeats):
        wait(device)
        start = time.perf_counter()
        action()
        wait(device)
        times.append(time.perf_counter() - start)
    return min(times)


def peak(device: str = "cpu") -> dict[str, float]:
    """What one core or a GPU does at best: float32 operations (a large product) and bytes (a large copy) a second."""
    torch.set_num_threads(1)
    where, n = torch.device(device), 1024 if device == "cpu" else 8192
    a, b = torch.randn(2, n, n, device=where)
    x, y = torch.empty(2, 32 * 2**20, device=where)
    product, copy = _least(lambda: torch.mm(a, b), 12, where), _least(lambda: y.copy_(x), 8, where)
    return {"flops": 2 * n**3 / product, "bytes": 2 * x.nbytes / copy}


def count(trainer: Trainer, steps: int = 10) -> dict[str, float]:
    """Operations in matrix products and bytes moved by one step, mean over some; the steps are not recorded ones."""
    with FlopCounterMode(display=False) as flops, BytesMoved() as moved:
        for batch in some_batches(trainer, steps):
            trainer._gradients_and_update(*batch)
    return {"flops": flops.get_total_flops() / steps, "bytes": moved.total / steps}
