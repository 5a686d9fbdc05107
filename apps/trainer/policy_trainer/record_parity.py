"""Prompts with the trainer's own answers, for the test that compares another engine with it.

Each record holds the prompt's text and ids, the greedy line after it (ids and text), and for each of its tokens the
log-probability in f32, from the weights as exported (f16).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from .episodes import Demonstration
from .export import load_checkpoint, write_json
from .model import Llama

LINE_LIMIT = 24


def record_parity(folder: Path, demonstrations: Sequence[Demonstration], count: int = 32) -> None:
    """Write `folder/parity.json`, one prompt from each of `count` demonstrations, cut before an action at varied turns."""
    model, tokenizer = load_checkpoint(folder)
    prompts = [prompt_of(demonstration, number) for number, demonstration in enumerate(demonstrations[:count])]
    write_json(folder / "parity.json", {"prompts": [answer(model, tokenizer, prompt) for prompt in prompts]})


def prompt_of(demonstration: Demonstration, number: int) -> str:
    """The text before one of the demonstration's actions or its confidence; `number` decides which."""
    places = [place for place, (_, kind) in enumerate(demonstration.segments) if kind in ("action", "confidence")]
    place = places[number * 7 % len(places)]
    return "".join(text for text, _ in demonstration.segments[:place])


@torch.no_grad()
def answer(model: Llama, tokenizer: Tokenizer, prompt: str) -> dict[str, Any]:
    prompt_ids = tokenizer.encode(prompt).ids
    newline = tokenizer.encode("\n").ids[0]
    ids: list[int] = []
    log_probabilities: list[float] = []
    runner_up: list[float] = []
    while len(ids) < LINE_LIMIT and newline not in ids:
        log_p = F.log_softmax(model(torch.tensor([prompt_ids + ids]))[0, -1], -1)
        best = log_p.topk(2)
        ids.append(int(best.indices[0]))
        log_probabilities.append(round(float(best.values[0]), 6))
        runner_up.append(round(float(best.values[1]), 6))
    return {
        "prompt": prompt,
        "promptIds": prompt_ids,
        "completion": tokenizer.decode(ids),
        "completionIds": ids,
        "logProbabilities": log_probabilities,
        "runnerUpLogProbabilities": runner_up,
    }
