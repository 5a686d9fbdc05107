"""What the model does in training games: its success by form and kind of task, and its lost games corrected by the expert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from .export import write_json
from .model import Llama
from .node_side import list_games
from .play import Game, Played, summarise
from .play_parallel import play_parallel, write_lines
from .tokenizer import Tokenizer

# More games of the form that loses most: their corrections teach most.
FORM_SHARES = {"none": 0.4, "facts": 0.14, "order": 0.14, "earlier": 0.1, "procedure": 0.12, "avoid": 0.1}


def measure(model: Llama, tokenizer: Tokenizer, seed: int, count: int, official: bool, success: Path, corrected: Path) -> None:
    """Play `count` training games once each; write the corrected games, and last the success table."""
    played = play_parallel(draw_games(seed, count, official), model, tokenizer, seed)
    demonstrations = [demonstration for result in played for demonstration in result.relabelled]
    write_lines(corrected, (unlearned_confidence(demonstration) for demonstration in demonstrations))
    write_json(success, success_table(played))
    for form in FORM_SHARES:
        print(f"measured {form}: " + describe(summarise(result for result in played if result.game.form == form)), flush=True)
    print(f"{len(demonstrations)} corrected games", flush=True)


def draw_games(seed: int, count: int, official: bool) -> list[Game]:
    """Training games, official ones and those of generated houses, each with a form drawn by FORM_SHARES."""
    random = np.random.default_rng(seed)
    generated = [{"source": "generated", "house": f"policy/{seed}/{number}", "index": int(random.integers(100))} for number in range(count)]
    official_ids = list_games({"split": "train"}) if official else []
    forms = random.choice(list(FORM_SHARES), count, p=list(FORM_SHARES.values()))
    games = []
    for number, form in enumerate(forms):
        from_official = official and random.random() < 0.6
        spec = {"source": "official", "id": official_ids[random.integers(len(official_ids))]} if from_official else generated[number]
        reset = {"game": spec, "entries": {"draw": str(form)}, "seed": int(random.integers(2**31))}
        games.append(Game(f"measured-{seed}-{number}", str(form), reset, cuts=(-1, int(random.integers(2, 40)))))
    return games


def unlearned_confidence(demonstration: dict[str, Any]) -> dict[str, Any]:
    """A corrected game with its `sure` line read but not learned: it says nothing about success."""
    segments = [(text, "noise" if kind == "confidence" else kind) for text, kind in demonstration["segments"]]
    return {**demonstration, "segments": segments}


def success_table(played: Iterable[Played]) -> dict[str, float]:
    """Share of games won by `form|kind`, drawn towards the form's own share as if by four more games."""
    by_form: dict[str, list[bool]] = defaultdict(list)
    by_cell: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for result in played:
        if not result.skipped:
            by_form[result.game.form].append(result.won)
            by_cell[result.game.form, result.kind].append(result.won)
    table = {}
    for (form, kind), won in sorted(by_cell.items()):
        prior = sum(by_form[form]) / len(by_form[form])
        table[f"{form}|{kind}"] = round((sum(won) + 4 * prior) / (len(won) + 4), 4)
    return table


def describe(summary: dict[str, float]) -> str:
    within = "/".join(f"{100 * summary[f'within{limit}']:.1f}" for limit in (10, 15, 20, 50))
    return f"{within} % within 10/15/20/50, {summary['meanSteps']:.1f} steps, {100 * summary['invalid']:.0f} % invalid (n = {summary['games']})"
