"""Demonstrations on disk → token ids with a loss weight each.

A line of a demonstration file is `{"id", "source", "form", "segments": [[text, kind], …]}`; the texts joined are the
episode, exactly as it is read at play time. The joined text is tokenised once, and a token belongs to the segment in which
it ends: so the blank that GPT-2's pattern glues to the next word does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

LOSS_WEIGHT = {"context": 0.1, "action": 1.0, "noise": 0.0, "confidence": 1.0}
KINDS = tuple(LOSS_WEIGHT)


@dataclass(frozen=True)
class Demonstration:
    id: str
    form: str
    segments: Sequence[tuple[str, str]]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.segments)


def read_demonstrations(paths: Iterable[Path]) -> Iterator[Demonstration]:
    """All episodes of the files, in the order given. An unknown kind of segment is an error, named with its line."""
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                record = json.loads(line)
                segments = [(text, kind) for text, kind in record["segments"]]
                unknown = {kind for _, kind in segments} - set(KINDS)
                if unknown:
                    raise ValueError(f"{path}:{number}: unknown kind of segment {sorted(unknown)}; known are {KINDS}.")
                yield Demonstration(record["id"], record.get("form", "none"), segments)


@dataclass(frozen=True)
class TokenisedEpisodes:
    """Episodes end to end: `ids[starts[i] : starts[i + 1]]` is episode i, `kinds` the index into KINDS of each token."""

    ids: np.ndarray
    kinds: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def save(self, path: Path) -> None:
        temporary = path.with_suffix(".tmp.npz")
        np.savez(temporary, ids=self.ids, kinds=self.kinds, starts=self.starts)
        temporary.replace(path)

    @staticmethod
    def load(path: Path) -> "TokenisedEpisodes":
        with np.load(path) as data:
            return TokenisedEpisodes(data["ids"], data["kinds"], data["starts"])

    def take(self, indexes: np.ndarray) -> "TokenisedEpisodes":
        """The episodes at `indexes`, in that order."""
        spans = [slice(self.starts[i], self.starts[i + 1]) for i in indexes]
        lengths = self.lengths[indexes]
        return TokenisedEpisodes(
            np.concatenate([self.ids[span] for span in spans]),
            np.concatenate([self.kinds[span] for span in spans]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        )


def tokenise_episodes(
    demonstrations: Iterable[Demonstration], tokenizer: Tokenizer, context: int, chunk: int = 2048
) -> TokenisedEpisodes:
    """Tokenise, and cut what is longer than `context + 1` tokens (inputs and their successors)."""
    ids: list[np.ndarray] = []
    kinds: list[np.ndarray] = []
    pending: list[Demonstration] = []

    def flush() -> None:
        for demonstration, encoding in zip(pending, tokenizer.encode_batch([d.text for d in pending])):
            ids.append(np.array(encoding.ids[: context + 1], dtype=np.int16))
            kinds.append(kinds_of_tokens(demonstration, encoding.offsets[: context + 1]))
        pending.clear()

    for demonstration in demonstrations:
        pending.append(demonstration)
        if len(pending) == chunk:
            flush()
    flush()
    if not ids:
        raise ValueError("There are no demonstrations to train on; run the generator first.")
    starts = np.concatenate([[0], np.cumsum([len(part) for part in ids])]).astype(np.int64)
    return TokenisedEpisodes(np.concatenate(ids), np.concatenate(kinds), starts)


def kinds_of_tokens(demonstration: Demonstration, offsets: Sequence[tuple[int, int]]) -> np.ndarray:
    """The kind of each token: that of the segment that holds the token's last character."""
    ends = np.cumsum([len(text) for text, _ in demonstration.segments])
    kind_of_segment = np.array([KINDS.index(kind) for _, kind in demonstration.segments], dtype=np.uint8)
    last_characters = np.array([end - 1 for _, end in offsets])
    return kind_of_segment[np.searchsorted(ends, last_characters, side="right")]
