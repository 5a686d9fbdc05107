"""The table of what a policy gains from what stands in its prompt: rows of guidance × games of a split, several plays each."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from .export import command_line, load_checkpoint, source_revision, write_json
from .measure import describe
from .node_side import list_games
from .play import Game, Played, summarise
from .play_parallel import TEMPERATURE, play_parallel

ROWS = ("none", "facts", "verb", "procedure", "wrong-procedure")


def evaluate(folder: Path, split: str, rows: tuple[str, ...], plays: int, seed: int, output: Path | None, temperature: float = TEMPERATURE) -> dict[str, Any]:
    """Play every game of the split under every row `plays` times; print a line a row as it ends, write `output` as JSON."""
    model, tokenizer = load_checkpoint(folder)
    ids = list_games({"split": split})
    report: dict[str, Any] = {"checkpoint": folder.name, "split": split, "plays": plays, "temperature": temperature, "rows": {}}
    for place, row in enumerate(rows):
        games = [
            Game(f"{row}-{sample}-{id}", row, {"game": {"source": "official", "id": id}, "entries": row, "seed": seed + sample})
            for sample in range(plays)
            for id in ids
        ]
        played = play_parallel(games, model, tokenizer, seed * 100 + place, temperature)
        report["rows"][row] = {**summarise(played), **intervals(played), "confidence": calibration(played), "kinds": by_kind(played)}
        print(f"{split} {row}: {describe(report['rows'][row])}, 95 % within 50: {report['rows'][row]['within50Interval95']}", flush=True)
        if output is not None:
            write_json(output, {"command": command_line(), "source": source_revision(), **report})
    return report


def intervals(played: list[Played], resamples: int = 2000) -> dict[str, list[float]]:
    """95 % bootstrap intervals over games (all plays of a game drawn together) of success within 20 and 50 steps."""
    by_game: dict[str, list[Played]] = defaultdict(list)
    for result in played:
        if not result.skipped:
            by_game[result.game.reset["game"]["id"]].append(result)
    if not by_game:
        return {"within20Interval95": [], "within50Interval95": []}
    random = np.random.default_rng(0)
    drawn = random.integers(len(by_game), size=(resamples, len(by_game)))
    found = {}
    for limit in (20, 50):
        shares = np.array([np.mean([p.won and p.steps <= limit for p in plays]) for plays in by_game.values()])
        low, high = np.quantile(shares[drawn].mean(1), [0.025, 0.975])
        found[f"within{limit}Interval95"] = [round(float(low), 4), round(float(high), 4)]
    return found


def by_kind(played: list[Played]) -> dict[str, list[int]]:
    """Games won and played, by kind of task."""
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for result in played:
        if not result.skipped:
            table[result.kind][0] += result.won
            table[result.kind][1] += 1
    return dict(table)


def calibration(played: list[Played]) -> dict[str, float]:
    """Mean probability stated by the `sure` line, and the Brier score beside that of always saying the mean success."""
    stated = [(p.confidence, p.won) for p in played if p.confidence is not None]
    if not stated:
        return {}
    said, won = (np.array(values, dtype=float) for values in zip(*stated))
    return {
        "stated": round(float(said.mean()), 4),
        "brier": round(float(((said - won) ** 2).mean()), 4),
        "brierOfMean": round(float(won.var()), 4),
    }
