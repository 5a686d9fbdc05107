"""State of a stage under way, written so that a kill at any moment leaves the last whole file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from .model import Llama
from .optimizer import PolicyOptimizer


@dataclass
class StageState:
    """Position in the stage. The batches are a function of the seed and the step, so there is no other random state."""

    step: int
    tokens: int
    seconds: float


def save_state(path: Path, model: Llama, optimizer: PolicyOptimizer, state: StageState) -> None:
    temporary = path.with_suffix(".tmp")
    with open(temporary, "wb") as file:
        torch.save(
            {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "state": vars(state), "random": torch.get_rng_state()},
            file,
        )
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load_state(path: Path, model: Llama, optimizer: PolicyOptimizer) -> StageState:
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    return StageState(**saved["state"])
