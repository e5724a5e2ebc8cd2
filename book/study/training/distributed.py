"""One model trained by several workers with Ray Train: each takes its share of the times of a batch (extra `tune`).

Batches are drawn by seed and epoch, so every worker knows the whole of each. DistributedDataParallel averages the
gradients; the loss of a share is weighted by its size, so that the average is the gradient of the whole batch.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import torch
from torch import Tensor, nn

from lrnrbook import storage, training
from lrnrbook.files import alone
from lrnrbook.recipes import Recipe, get_recipe
from lrnrbook.trainer import Trainer
from lrnrbook.training import Fit
from study.training.search import start_ray


class _Share(nn.Module):
    """The loss of one worker's share of a batch, in a module, as DistributedDataParallel wants it."""

    def __init__(self, trainer: Trainer, rank: int, workers: int):
        super().__init__()
        self.model = trainer.model  # whose parameters the gradients are averaged for
        self.loss, self.rank, self.workers = trainer.loss, rank, workers

    def forward(self, k: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        share = slice(self.rank, None, self.workers)
        weight = len(k[share]) / len(k)
        loss, parts, s = self.loss(k[share], index[share])
        return self.workers * weight * loss, weight * parts, s


def share_batches(trainer: Trainer, rank: int, workers: int) -> None:
    """Let a trainer work on its share of each batch; the process group must be there."""
    def total(a: Tensor) -> Tensor:
        a = a.clone()
        torch.distributed.all_reduce(a)
        return a

    trainer.compute = nn.parallel.DistributedDataParallel(_Share(trainer, rank, workers))
    trainer.total = total


def _worker(config: dict) -> None:
    """What every worker runs; the first one writes checkpoints and reports the result."""
    import ray.train

    context = ray.train.get_context()
    rank, workers = context.get_world_rank(), context.get_world_size()
    data, recipe, seed, path = (config[key] for key in ("data", "recipe", "seed", "checkpoint"))
    torch.set_num_threads(recipe.threads)
    trainer = Trainer(data, recipe, seed)
    if path and path.exists():
        training.resume(trainer, path, training.read_checkpoint(path))
    torch.distributed.barrier()
    share_batches(trainer, rank, workers)
    first = rank == 0
    reason = training.run(trainer, path if first else None, {"asked": {"seconds": None}}, config["progress"] and first)
    if not first:
        ray.train.report({})
        return
    made = training.result(trainer, data, reason)
    made.record["workers"] = workers
    with tempfile.TemporaryDirectory() as folder:
        made.save(Path(folder) / "model.safetensors")
        ray.train.report({}, checkpoint=ray.train.Checkpoint.from_directory(folder))


def fit_distributed(data, recipe: str | Recipe = "laptop", workers: int = 2, epochs: int | None = None, seed: int = 0,
                    checkpoint=None, progress: bool = True, address: str | None = None, **overrides) -> Fit:
    """Train as `fit` does, with several workers; the course of the loss is that of one worker, up to rounding.

    Each of the `workers` is a process with ``recipe.threads`` threads, on this machine or on the Ray cluster at
    `address`, where the checkpoint lies on a file system that all see. The rest is as in `fit`.

    Raises ValueError as `fit`; also if Ray is missing or there are fewer times in a batch than workers.
    """
    recipe = get_recipe(recipe, data.name, **overrides | ({} if epochs is None else {"epochs": epochs}))
    least = len(data) // math.ceil(len(data) / recipe.batch_times)  # times in the smallest batch
    if not 1 <= workers <= least:
        raise ValueError(f"workers = {workers}: expected 1 to {least}, the number of times in a batch")
    path = Path(checkpoint).absolute() if checkpoint else None
    config = {"data": data, "recipe": recipe, "seed": seed, "checkpoint": path, "progress": progress}
    with ExitStack() as stack:
        if path:
            stack.enter_context(alone(path))
        if path and path.exists():
            training.last_checkpoint(path)  # for the workers, who read what is at `path`
        ray = start_ray(address, workers)
        stack.callback(ray.shutdown)
        from ray.train.torch import TorchTrainer

        ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers do not know the study
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        trainer = TorchTrainer(_worker, train_loop_config=config,
                               scaling_config=ray.train.ScalingConfig(num_workers=workers),
                               run_config=ray.train.RunConfig(storage_path=folder, name="fit"))
        files = Path(stack.enter_context(trainer.fit().checkpoint.as_directory()))
        model, record = storage.load(files / "model.safetensors"), json.loads((files / "model.json").read_text())
    return Fit(model, record["history"], record["stop_reason"], record)
