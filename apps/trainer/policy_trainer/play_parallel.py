"""Many games by several processes of one thread each, every one with its own environments."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from .generate import Sampler
from .model import Llama
from .node_side import open_environments
from .play import Game, Played, play
from .processes import run_processes
from .tokenizer import Tokenizer

TEMPERATURE = 0.7


def play_parallel(
    games: Sequence[Game], model: Llama, tokenizer: Tokenizer, seed: int, temperature: float = TEMPERATURE, processes: int = 2, slots: int = 64
) -> list[Played]:
    """Play all games; results in the order of the games. Equal arguments give equal results."""
    with tempfile.TemporaryDirectory() as folder:
        share = (list(games), model, tokenizer.to_str(), Path(folder), seed, temperature, processes, slots)
        run_processes(play_share, share, processes)
        played: list[Played] = []
        for rank in range(processes):
            played.extend(played_from(record) for record in read_lines(Path(folder) / f"{rank}.jsonl"))
    order = {game.id: place for place, game in enumerate(games)}
    return sorted(played, key=lambda result: order[result.game.id])


def play_share(
    rank: int, games: Sequence[Game], model: Llama, tokenizer: str, folder: Path, seed: int, temperature: float, processes: int, slots: int
) -> None:
    torch.set_num_threads(1)
    sampler = Sampler(model, Tokenizer.from_str(tokenizer), min(slots, len(games)), seed * 1000 + rank)
    environments = open_environments()
    results: list[Played] = []

    def note(played: Played) -> None:
        results.append(played)
        if rank == 0 and len(results) % 100 == 0:
            print(f"played {len(results) * processes} of {len(games)}", flush=True)

    play(games[rank::processes], sampler, environments, temperature, note)
    environments.close()
    write_lines(folder / f"{rank}.jsonl", (asdict(played) for played in results))


def played_from(record: dict[str, Any]) -> Played:
    return Played(**{**record, "game": Game(**record["game"])})


def read_lines(path: Path) -> list[dict[str, Any]]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    temporary = path.with_suffix(".tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    temporary.replace(path)
