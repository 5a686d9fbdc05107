"""Which episodes make up which batch: padding-poor, reproducible, and the same for every number of processes.

Episodes are shuffled by (seed, epoch), sorted by length inside windows, cut into batches of about `tokens_per_batch` padded
tokens, and the batches shuffled. Batch number n of a run is thus a pure function of the seed, and a run that was killed goes
on with batch n.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .episodes import KINDS, LOSS_WEIGHT, TokenisedEpisodes

WINDOW = 2048
LENGTH_STEP = 16


@dataclass(frozen=True)
class Batch:
    """`ids [rows, time + 1]`; `weights [rows, time]` of predicting the token that follows, zero on padding."""

    ids: Tensor
    weights: Tensor

    @property
    def token_count(self) -> int:
        return int((self.ids >= 0).sum()) if self.ids.numel() else 0


def plan_epoch(lengths: np.ndarray, tokens_per_batch: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Batches of one epoch as arrays of episode indexes; each batch is rectangular enough to waste little padding."""
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    batches: list[np.ndarray] = []
    for start in range(0, len(order), WINDOW):
        window = order[start : start + WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        batches.extend(cut(window, lengths, tokens_per_batch))
    return [batches[i] for i in random.permutation(len(batches))]


def cut(window: np.ndarray, lengths: np.ndarray, tokens_per_batch: int) -> Iterator[np.ndarray]:
    """Split a window sorted by length so that rows × longest row stays within `tokens_per_batch` (one row at least)."""
    start = 0
    for end in range(1, len(window) + 1):
        full = end < len(window) and (end + 1 - start) * lengths[window[end]] > tokens_per_batch
        if full or end == len(window):
            yield window[start:end]
            start = end


def share_of(batch: np.ndarray, rank: int, processes: int) -> np.ndarray:
    """The rows of a batch that process `rank` computes: every `processes`-th, so that lengths are even."""
    return batch[rank::processes]


def collate(episodes: TokenisedEpisodes, indexes: Sequence[int] | np.ndarray) -> Batch:
    """Right-padded tensors of the episodes; causal attention never looks at padding from a real token."""
    longest = int(max(episodes.lengths[indexes], default=1))
    time = -(-(longest - 1) // LENGTH_STEP) * LENGTH_STEP
    ids = np.zeros((len(indexes), time + 1), dtype=np.int64)
    weights = np.zeros((len(indexes), time + 1), dtype=np.float32)
    weight_of_kind = np.array([LOSS_WEIGHT[kind] for kind in KINDS], dtype=np.float32)
    for row, index in enumerate(indexes):
        span = slice(episodes.starts[index], episodes.starts[index + 1])
        length = span.stop - span.start
        ids[row, :length] = episodes.ids[span]
        weights[row, :length] = weight_of_kind[episodes.kinds[span]]
    return Batch(torch.from_numpy(ids), torch.from_numpy(weights[:, 1:]))
