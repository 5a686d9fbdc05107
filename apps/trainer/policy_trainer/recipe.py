"""The whole training of the built-in policy, as rounds: demonstrate → tokenise → train → play → next round.

The first round's checkpoint is `warm`, the last one's `base`. Between rounds the model plays training games: its measured
success becomes the `sure` line of the next demonstrations, and its lost games, corrected and finished by the expert, join them
(DAgger; see play.py). Every file is written whole before the next step begins, so that a killed run goes on where it was.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import node_side
from .episodes import read_demonstrations, tokenise_episodes
from .export import command_line, export_checkpoint, source_revision
from .measure import measure
from .model import Llama, ModelShape
from .record_parity import record_parity
from .tokenizer import load_tokenizer, padded_size, train_tokenizer
from .train import StageFiles, StagePlan, run_stage

HELD_OUT = 300


@dataclass(frozen=True)
class Round:
    """One round: how many new demonstrations, how many tokens to train on; `checkpoint` is the name it is exported by, if at all.

    `rate` is the round's share of the recipe's peak learning rates, `final` the share of that it ends at.
    """

    demonstrations: int
    tokens: int
    checkpoint: str | None = None
    tokens_per_batch: int = 8192
    rate: float = 1.0
    final: float = 0.04
    decay: float = 0.6
    measured_games: int = 0


@dataclass(frozen=True)
class Recipe:
    """`forms` of demonstration that may occur (absent: all); `official` games are used where they are found."""

    name: str
    seed: int
    rounds: tuple[Round, ...]
    matrix_rate: float = 0.02
    vector_rate: float = 0.004
    official: bool = True
    forms: tuple[str, ...] | None = None


FULL = Recipe(
    name="full",
    seed=20261123,
    rounds=(
        Round(demonstrations=26_000, tokens=5_000_000, checkpoint="warm"),
        Round(demonstrations=12_000, tokens=3_500_000, rate=0.6, measured_games=1_500),
        Round(demonstrations=12_000, tokens=3_500_000, rate=0.6, measured_games=1_500, checkpoint="base"),
    ),
)

# About a minute on generated games only: the whole path, a policy that plays badly.
SMOKE = Recipe(
    name="smoke",
    seed=1,
    rounds=(
        Round(demonstrations=300, tokens=100_000, checkpoint="warm"),
        Round(demonstrations=60, tokens=15_000, measured_games=8, checkpoint="base"),
    ),
    official=False,
)

# The control: a policy that never saw an entry in training. What it gains from entries is what a reader gains without having learned to read.
PLAIN = Recipe(
    name="plain",
    seed=20261124,
    rounds=(Round(demonstrations=20_000, tokens=5_000_000, checkpoint="plain"),),
    forms=("none",),
)

RECIPES = {recipe.name: recipe for recipe in (FULL, SMOKE, PLAIN)}


class Work:
    """Files of one run, by round."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer = folder / "tokenizer.json"

    def file(self, name: str, number: int, ending: str) -> Path:
        return self.folder / f"{name}-{number}.{ending}"


def run_recipe(recipe: Recipe, folder: Path, output: Path) -> None:
    """Run all rounds, and export those that have a name as folders of `output`."""
    work = Work(folder)
    official = node_side.official_folder() if recipe.official else None
    print("demonstrations from " + ("official and generated games" if official else "generated games only"), flush=True)
    for number, plan in enumerate(recipe.rounds):
        started = time.monotonic()
        success = measured_success(work, recipe, plan, number, official is not None)
        node_side.make_demonstrations(
            work.file("demonstrations", number, "jsonl"), recipe.seed + number, plan.demonstrations, success, official, recipe.forms
        )
        prepare_tokens(work, recipe, number)
        shape = ModelShape(vocabulary=padded_size(load_tokenizer(work.tokenizer)))
        print(f"round {number}: data ready after {time.monotonic() - started:.0f} s", flush=True)
        run_stage(stage_plan(recipe, plan, number), shape, stage_files(work, number))
        print(f"round {number}: finished after {time.monotonic() - started:.0f} s", flush=True)
        if plan.checkpoint is not None:
            export_round(work, recipe, number, output / plan.checkpoint, official is not None)


def stage_plan(recipe: Recipe, plan: Round, number: int) -> StagePlan:
    return StagePlan(
        name=str(number),
        tokens=plan.tokens,
        seed=recipe.seed + number,
        matrix_rate=recipe.matrix_rate * plan.rate,
        vector_rate=recipe.vector_rate * plan.rate,
        tokens_per_batch=plan.tokens_per_batch,
        decay=plan.decay,
        final=plan.final,
    )


def stage_files(work: Work, number: int) -> StageFiles:
    return StageFiles(
        training=work.file("training", number, "npz"),
        held_out=work.file("held-out", 0, "npz"),
        start=work.file("weights", number - 1, "pt") if number else None,
        state=work.file("state", number, "pt"),
        result=work.file("weights", number, "pt"),
    )


def measured_success(work: Work, recipe: Recipe, plan: Round, number: int, official: bool) -> Path | None:
    """Play with the previous round's weights: the path of the success table, corrected games beside it. Nothing in round 0."""
    if number == 0 or not plan.measured_games:
        return None
    success, corrected = work.file("success", number, "json"), work.file("corrected", number, "jsonl")
    if not success.exists():
        model, tokenizer = load_weights(work, number - 1), load_tokenizer(work.tokenizer)
        measure(model, tokenizer, recipe.seed + 1000 * number, plan.measured_games, official, success, corrected)
    return success


def load_weights(work: Work, number: int) -> Llama:
    model = Llama(ModelShape(vocabulary=padded_size(load_tokenizer(work.tokenizer))))
    model.load_state_dict(torch.load(work.file("weights", number, "pt"), weights_only=True)["model"])
    return model


def prepare_tokens(work: Work, recipe: Recipe, number: int) -> None:
    """Token file of a round: its own demonstrations, and the games corrected so far. The first 300 of round 0 are held out."""
    result = work.file("training", number, "npz")
    if result.exists():
        return
    if not work.tokenizer.exists():
        tokenizer = train_tokenizer(d.text for d in read_demonstrations([work.file("demonstrations", 0, "jsonl")]))
        tokenizer.save(str(work.tokenizer))
    tokenizer = load_tokenizer(work.tokenizer)
    corrected = [path for earlier in range(number + 1) if (path := work.file("corrected", earlier, "jsonl")).exists()]
    demonstrations = read_demonstrations([work.file("demonstrations", number, "jsonl"), *corrected])
    episodes = tokenise_episodes(demonstrations, tokenizer, ModelShape.context)
    if number == 0:
        held_out = min(HELD_OUT, len(episodes) // 10)
        episodes.take(np.arange(held_out)).save(work.file("held-out", 0, "npz"))
        episodes = episodes.take(np.arange(held_out, len(episodes)))
    episodes.save(result)


def export_round(work: Work, recipe: Recipe, number: int, folder: Path, official: bool) -> None:
    """Export a round's weights with its manifest and the prompts for parity tests."""
    figures: dict[str, Any] = {
        "command": command_line(),
        "source": source_revision(),
        "recipe": recipe.name,
        "seed": recipe.seed,
        "officialGames": official,
        "rounds": [round_figures(work, earlier) for earlier in range(number + 1)],
    }
    manifest = export_checkpoint(load_weights(work, number), load_tokenizer(work.tokenizer), folder.name, folder, figures)
    record_parity(folder, list(read_demonstrations([work.file("demonstrations", 0, "jsonl")]))[:32])
    print(f"exported {folder.name}: {sum(file['bytes'] for file in manifest['files'].values()):,} bytes", flush=True)


def round_figures(work: Work, number: int) -> dict[str, Any]:
    """Tokens, seconds, held-out losses and source of a round, and the hash of its demonstrations."""
    demonstrations = work.file("demonstrations", number, "jsonl")
    return {
        **torch.load(work.file("weights", number, "pt"), weights_only=True)["figures"],
        "demonstrationsSha256": hashlib.sha256(demonstrations.read_bytes()).hexdigest(),
    }
