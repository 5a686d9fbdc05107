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
from .generate import Line, Sampler
from .model import Llama

LINE_LIMIT = 24


def record_parity(folder: Path, demonstrations: Sequence[Demonstration], count: int = 32) -> None:
    """Write `folder/parity.json`, one prompt from each of `count` demonstrations, cut before an action at varied turns."""
    model, tokenizer = load_checkpoint(folder)
    prompts = [prompt_of(demonstration, number) for number, demonstration in enumerate(demonstrations[:count])]
    sampler = Sampler(model, tokenizer, len(prompts), seed=0)
    for slot, prompt in enumerate(prompts):
        sampler.feed(slot, prompt)
    lines = sampler.write_lines(range(len(prompts)), temperature=0, limit=LINE_LIMIT)
    records = [record(model, tokenizer, prompt, line) for prompt, line in zip(prompts, lines)]
    write_json(folder / "parity.json", {"prompts": records})


def prompt_of(demonstration: Demonstration, number: int) -> str:
    """The text before one of the demonstration's actions or its confidence; `number` decides which."""
    places = [place for place, (_, kind) in enumerate(demonstration.segments) if kind in ("action", "confidence")]
    place = places[number * 7 % len(places)]
    return "".join(text for text, _ in demonstration.segments[:place])


@torch.no_grad()
def record(model: Llama, tokenizer: Tokenizer, prompt: str, line: Line) -> dict[str, Any]:
    """Prompt, greedy line, and its log-probabilities by one pass over the whole text, beside those of the second choice."""
    prompt_ids = tokenizer.encode(prompt).ids
    logits = model(torch.tensor([prompt_ids + line.ids[:-1]]))[0, len(prompt_ids) - 1 :]
    best = F.log_softmax(logits, -1).topk(2)
    return {
        "prompt": prompt,
        "promptIds": prompt_ids,
        "completion": line.text,
        "completionIds": line.ids,
        "logProbabilities": [round(value, 6) for value in best.values[:, 0].tolist()],
        "runnerUpLogProbabilities": [round(value, 6) for value in best.values[:, 1].tolist()],
    }
