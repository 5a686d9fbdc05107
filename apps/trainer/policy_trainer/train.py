"""Data-parallel training of one stage: N processes of one thread each, which sum their gradients.

Two processes of one thread, not one of two: OpenMP's barriers stall whenever something else uses a core (measured: no gain from
the second thread). A stage is a pure function of its inputs; killed and started again it goes on from its last checkpoint and
ends with the same weights.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import torch
import torch.distributed as distributed

from .batches import collate, plan_epoch, share_of
from .checkpoint import StageState, load_state, save_state
from .episodes import TokenisedEpisodes
from .export import source_revision
from .loss import held_out_loss, weighted_loss
from .model import Llama, ModelShape
from .optimizer import PolicyOptimizer, Schedule
from .processes import run_processes


@dataclass(frozen=True)
class StagePlan:
    """One stage of training. `tokens` counts what is fed to the model, padding excluded; its end is rounded to whole batches."""

    name: str
    tokens: int
    seed: int
    matrix_rate: float = 0.02
    vector_rate: float = 0.004
    tokens_per_batch: int = 16_384
    decay: float = 0.6
    final: float = 0.02
    processes: int = 2
    checkpoint_seconds: float = 60.0
    report_seconds: float = 15.0


@dataclass(frozen=True)
class StageFiles:
    """Where a stage reads and writes: token files, the weights it starts from (absent: random), its state and its result."""

    training: Path
    held_out: Path
    start: Path | None
    state: Path
    result: Path


def run_stage(plan: StagePlan, shape: ModelShape, files: StageFiles) -> None:
    """Train until `files.result` exists; at once when it does already."""
    if files.result.exists():
        print(f"stage {plan.name}: already finished ({files.result.name})", flush=True)
        return
    if plan.processes == 1:
        train_process(0, plan, shape, files, None)
        return
    with tempfile.TemporaryDirectory() as folder:
        rendezvous = str(Path(folder) / "rendezvous")
        run_processes(train_process, (plan, shape, files, rendezvous), plan.processes)


def train_process(rank: int, plan: StagePlan, shape: ModelShape, files: StageFiles, rendezvous: str | None) -> None:
    torch.set_num_threads(1)
    if rendezvous is not None:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        distributed.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=plan.processes)
    training = TokenisedEpisodes.load(files.training)
    held_out = TokenisedEpisodes.load(files.held_out)
    model = starting_model(plan, shape, files.start)
    optimizer = PolicyOptimizer(model, plan.matrix_rate, plan.vector_rate)
    batches = BatchSequence(training, plan)
    state = load_state(files.state, model, optimizer) if files.state.exists() else StageState(step=0, tokens=0, seconds=0.0)
    schedule = Schedule(steps=batches.count, decay=plan.decay, final=plan.final)
    progress = Progress(plan, batches, state, print if rank == 0 else None)
    saved = time.monotonic()

    while state.step < batches.count:
        train_step(model, optimizer, batches, state, schedule.factor(state.step), rank, plan.processes, progress)
        if rank == 0 and time.monotonic() - saved > plan.checkpoint_seconds:
            save_state(files.state, model, optimizer, progress.timed(state))
            saved = time.monotonic()
    if rank == 0:
        losses = held_out_loss(model, held_out)
        print(f"stage {plan.name}: held out {format_losses(losses)}, {state.tokens:,} tokens, {progress.timed(state).seconds:.0f} s", flush=True)
        seconds = round(progress.timed(state).seconds)
        save_result(
            files.result,
            model,
            {"tokens": state.tokens, "seconds": seconds, "heldOutNats": losses, "source": source_revision()},
        )
        files.state.unlink(missing_ok=True)
    if rendezvous is not None:
        distributed.destroy_process_group()


def starting_model(plan: StagePlan, shape: ModelShape, start: Path | None) -> Llama:
    model = Llama(shape).initialise(plan.seed)
    if start is not None:
        model.load_state_dict(torch.load(start, weights_only=True)["model"])
    return model


class BatchSequence:
    """The batches of a stage by number, over as many epochs as its tokens need."""

    def __init__(self, episodes: TokenisedEpisodes, plan: StagePlan):
        self.episodes, self.plan = episodes, plan
        per_epoch = len(plan_epoch(episodes.lengths, plan.tokens_per_batch, plan.seed, 0))
        tokens_per_step = len(episodes.ids) / per_epoch
        self.count = max(1, round(plan.tokens / tokens_per_step))
        self.epochs: dict[int, list] = {}
        self.ends: list[int] = []

    def indexes(self, step: int):
        epoch = 0
        while True:
            if epoch == len(self.ends):
                planned = plan_epoch(self.episodes.lengths, self.plan.tokens_per_batch, self.plan.seed, epoch)
                self.epochs = {epoch: planned}
                self.ends.append((self.ends[-1] if self.ends else 0) + len(planned))
            if step < self.ends[epoch]:
                if epoch not in self.epochs:
                    self.epochs = {epoch: plan_epoch(self.episodes.lengths, self.plan.tokens_per_batch, self.plan.seed, epoch)}
                return self.epochs[epoch][step - (self.ends[epoch - 1] if epoch else 0)]
            epoch += 1


def train_step(model, optimizer, batches, state, factor: float, rank: int, processes: int, progress) -> None:
    """One update from one batch: each process its rows, gradients and weights summed, then the same step everywhere."""
    indexes = batches.indexes(state.step)
    rows = share_of(indexes, rank, processes)
    parameters = list(model.parameters())
    totals = torch.zeros(2)
    if len(rows):
        batch = collate(batches.episodes, rows)
        with torch.autocast("cpu", torch.bfloat16):
            loss = weighted_loss(model, batch)
        loss.backward()
        totals = torch.stack([loss.detach().float(), batch.weights.sum()])
    flat = torch.cat([totals, *(p.grad.flatten() if p.grad is not None else torch.zeros(p.numel()) for p in parameters)])
    if processes > 1:
        distributed.all_reduce(flat)
    total_loss, total_weight = flat[:2].tolist()
    if not torch.isfinite(flat[0]):
        raise FloatingPointError(f"The loss of step {state.step} is not finite; lower the learning rates of the stage.")
    offset = 2
    for parameter in parameters:
        parameter.grad = flat[offset : offset + parameter.numel()].view_as(parameter) / max(total_weight, 1e-6)
        offset += parameter.numel()
    optimizer.step(factor)
    state.step += 1
    state.tokens += int(batches.episodes.lengths[indexes].sum())
    progress.report(state, total_loss / max(total_weight, 1e-6))


class Progress:
    """A line every few seconds: step, smoothed loss, rate, time left."""

    def __init__(self, plan: StagePlan, batches: BatchSequence, state: StageState, write: Callable[..., None] | None):
        self.plan, self.batches, self.write = plan, batches, write
        self.started, self.earlier_seconds = time.monotonic(), state.seconds
        self.first_step, self.first_tokens = state.step, state.tokens
        self.last, self.loss = self.started, None

    def timed(self, state: StageState) -> StageState:
        return StageState(state.step, state.tokens, self.earlier_seconds + time.monotonic() - self.started)

    def report(self, state: StageState, loss: float) -> None:
        self.loss = loss if self.loss is None else 0.95 * self.loss + 0.05 * loss
        now = time.monotonic()
        if self.write is None or now - self.last < self.plan.report_seconds:
            return
        self.last = now
        elapsed = now - self.started
        left = elapsed / (state.step - self.first_step) * (self.batches.count - state.step)
        rate = (state.tokens - self.first_tokens) / elapsed
        self.write(
            f"stage {self.plan.name}: step {state.step}/{self.batches.count}, loss {self.loss:.4f}, "
            f"{rate / 1000:.1f} k tokens/s, {left / 60:.1f} min left",
            flush=True,
        )


def format_losses(losses: dict[str, float]) -> str:
    return ", ".join(f"{kind} {value:.4f}" for kind, value in losses.items())


def save_result(path: Path, model: Llama, figures: dict) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save({"model": model.state_dict(), "figures": figures}, temporary)
    temporary.replace(path)
