"""Sampling many conversations at once: a static batch with a key-value cache, each row at its own position.

A row is a slot. Its text grows by pieces from the environment (`feed`) and by lines that the model writes (`write_lines`).
Everything in f32; the log-probabilities are those of the distribution at temperature 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from .model import Llama


class LayerPast:
    """Keys and values of one layer for all slots, `[slots, heads, context, head_width]`, seen through the rows being fed."""

    def __init__(self, model: Llama, slots: int):
        shape = model.shape
        self.keys = torch.zeros(slots, shape.heads, shape.context, shape.head_width)
        self.values = torch.zeros_like(self.keys)
        self.rows: Tensor
        self.positions: Tensor
        self.mask: Tensor

    def view(self, rows: Tensor, positions: Tensor, mask: Tensor) -> None:
        self.rows, self.positions, self.mask = rows, positions, mask

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Write `k, v [rows, heads, time, head_width]` at the rows' positions; all keys up to the longest row come back."""
        self.keys[self.rows[:, None], :, self.positions] = k.transpose(1, 2)
        self.values[self.rows[:, None], :, self.positions] = v.transpose(1, 2)
        keys, values = (cache[:, :, : self.mask.shape[-1]] for cache in (self.keys, self.values))
        if len(self.rows) < len(self.keys):
            # Copying the rows costs more than everything else, so callers leave rows out only when many are idle.
            keys, values = keys[self.rows], values[self.rows]
        return keys, values, self.mask


@dataclass(frozen=True)
class Line:
    """What the model wrote up to and including the newline, or up to the limit."""

    ids: list[int]
    text: str
    log_probabilities: list[float]


class Sampler:
    def __init__(self, model: Llama, tokenizer: Tokenizer, slots: int, seed: int):
        self.model, self.tokenizer, self.slots = model.eval(), tokenizer, slots
        self.generator = torch.Generator().manual_seed(seed)
        self.past = [LayerPast(model, slots) for _ in model.model.layers]
        self.lengths = torch.zeros(slots, dtype=torch.long)
        self.pending: list[list[int]] = [[] for _ in range(slots)]
        self.newline = tokenizer.encode("\n").ids[0]

    def restart(self, slot: int) -> None:
        self.lengths[slot] = 0
        self.pending[slot] = []

    def feed(self, slot: int, text: str) -> None:
        """Append text to a slot; it is computed with the next `write_lines`."""
        self.pending[slot].extend(self.tokenizer.encode(text).ids)

    def room(self, slot: int) -> int:
        """Tokens that still fit into the slot's context."""
        return self.model.shape.context - int(self.lengths[slot]) - len(self.pending[slot])

    @torch.no_grad()
    def write_lines(self, slots: Sequence[int], temperature: float, limit: int = 24) -> list[Line]:
        """One line for each of the slots, sampled at `temperature` (0 = the most likely token)."""
        # Idle slots are computed along while they are the minority: leaving rows out costs a copy of the cache.
        order = list(range(self.slots)) if 2 * len(slots) > self.slots else sorted(slots)
        lines = {slot: Line([], "", []) for slot in slots}
        active = set(slots)
        logits = self._advance(order, [self.pending[slot] if slot in active else [] for slot in order])
        while True:
            log_p = F.log_softmax(logits, -1)
            chosen = self._choose(log_p, temperature)
            for place, slot in enumerate(order):
                if slot in active:
                    lines[slot].ids.append(int(chosen[place]))
                    lines[slot].log_probabilities.append(float(log_p[place, chosen[place]]))
                    self.pending[slot] = lines[slot].ids[-1:]
            active = {slot for slot in active if self._goes_on(lines[slot], slot, limit)}
            if not active:
                return [replace(lines[slot], text=self.tokenizer.decode(lines[slot].ids)) for slot in slots]
            if 2 * len(active) < len(order):
                order = sorted(active)
            logits = self._advance(order, [self.pending[slot] if slot in active else [] for slot in order])

    def _goes_on(self, line: Line, slot: int, limit: int) -> bool:
        return line.ids[-1] != self.newline and len(line.ids) < limit and self.room(slot) > 1

    def _choose(self, log_p: Tensor, temperature: float) -> Tensor:
        log_p = log_p[:, : self.tokenizer.get_vocab_size()]
        if temperature == 0:
            return log_p.argmax(-1)
        return torch.multinomial(F.softmax(log_p / temperature, -1), 1, generator=self.generator)[:, 0]

    def _advance(self, slots: Sequence[int], pieces: Sequence[list[int]]) -> Tensor:
        """Compute the pieces after what the slots hold; logits `[rows, vocabulary]` after each piece's last token.

        Pieces differ in length, and may be empty: short ones are padded behind, and the padding's keys are overwritten by what
        comes next. The logits of an empty piece mean nothing.
        """
        rows = torch.tensor(slots)
        sizes = torch.tensor([len(piece) for piece in pieces])
        longest = max(1, int(sizes.max()))
        ids = torch.zeros(len(slots), longest, dtype=torch.long)
        for place, piece in enumerate(pieces):
            ids[place, : len(piece)] = torch.tensor(piece, dtype=torch.long)
        context = self.model.shape.context
        positions = (self.lengths[rows][:, None] + torch.arange(longest)).clamp_max(context - 1)
        end = int((self.lengths[rows] + sizes.clamp_min(1)).max())
        mask = torch.arange(end)[None, None, None, :] <= positions[:, None, :, None]
        rotary = self.model.rotary[:, positions][:, :, None]
        x = self.model.model.embed_tokens(ids)
        for layer, past in zip(self.model.model.layers, self.past):
            past.view(rows, positions, mask)
            x = layer(x, rotary, past)
        self.lengths[rows] += sizes
        last = x[torch.arange(len(slots)), (sizes - 1).clamp_min(0)]
        return self.model.logits(self.model.model.norm(last))
