"""Muon for the matrices, AdamW for the rest.

Muon: Jordan et al. 2024 (kellerjordan.github.io/posts/muon), as in PyTorch's `torch.optim.Muon`; embeddings and norms by AdamW
(Loshchilov and Hutter 2019, arXiv:1711.05101). Deviation: none; the learning rate of both follows one schedule,
warm-up → constant → linear decay (Hägele et al. 2024, arXiv:2405.18392).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from .model import Llama


@dataclass(frozen=True)
class Schedule:
    """Share of the peak learning rate at a step: rises over `warm_up` steps, falls linearly to `final` over the last `decay` share."""

    steps: int
    warm_up: int = 20
    decay: float = 0.6
    final: float = 0.02

    def factor(self, step: int) -> float:
        rising = min(1.0, (step + 1) / self.warm_up)
        left = (self.steps - step) / max(1.0, self.decay * self.steps)
        return rising * min(1.0, self.final + (1 - self.final) * left)


class PolicyOptimizer:
    """Both optimizers behind one step; `state_dict` holds all that a resumed run needs."""

    def __init__(self, model: Llama, matrix_rate: float, vector_rate: float, weight_decay: float = 0.0):
        matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "embed" not in name]
        others = [p for name, p in model.named_parameters() if p.dim() != 2 or "embed" in name]
        self.rates = (matrix_rate, vector_rate)
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.Muon(matrices, lr=matrix_rate, momentum=0.95, weight_decay=weight_decay, adjust_lr_fn="original"),
            torch.optim.AdamW(others, lr=vector_rate, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0, fused=True),
        ]

    def step(self, factor: float) -> None:
        for part, rate in zip(self.parts, self.rates):
            for group in part.param_groups:
                group["lr"] = rate * factor
            part.step()
            part.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)
