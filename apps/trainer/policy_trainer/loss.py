"""The training loss, and the held-out one: weighted negative log-likelihood of the next token."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .batches import Batch, collate, plan_epoch
from .episodes import KINDS, TokenisedEpisodes
from .model import Llama


def weighted_loss(model: Llama, batch: Batch) -> Tensor:
    """Sum over tokens of weight × negative log-likelihood, in nats. Divide by the batch's total weight for a mean.

    Tokens of weight zero cost no logits.
    """
    counted = batch.weights > 0
    hidden = model.hidden(batch.ids[:, :-1])[counted]
    losses = F.cross_entropy(model.logits(hidden), batch.ids[:, 1:][counted], reduction="none")
    return (losses * batch.weights[counted]).sum()


@torch.no_grad()
def held_out_loss(model: Llama, episodes: TokenisedEpisodes, tokens_per_batch: int = 16_384) -> dict[str, float]:
    """Mean negative log-likelihood in nats per token, for each kind of token that occurs."""
    totals = {kind: 0.0 for kind in KINDS}
    counts = {kind: 0 for kind in KINDS}
    for indexes in plan_epoch(episodes.lengths, tokens_per_batch, seed=0, epoch=0):
        batch = collate(episodes, indexes)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(batch.ids[:, :-1])
        losses = F.cross_entropy(logits.float().flatten(0, 1), batch.ids[:, 1:].flatten(), reduction="none").view(len(indexes), -1)
        for row, index in enumerate(indexes):
            kinds = episodes.kinds[episodes.starts[index] + 1 : episodes.starts[index + 1]]
            row_losses = losses[row, : len(kinds)].numpy()
            for number, kind in enumerate(KINDS):
                chosen = kinds == number
                totals[kind] += float(row_losses[chosen].sum())
                counts[kind] += int(chosen.sum())
    return {kind: totals[kind] / counts[kind] for kind in KINDS if counts[kind]}
