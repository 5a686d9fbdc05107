"""Episodes played by the model: many slots at once, each refilled when its game ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .environments import Environments
from .generate import Sampler


@dataclass(frozen=True)
class Game:
    """One game to play: `reset` is what the environment needs to begin it; `cuts` are the turns at which the play is relabelled.

    A cut of −1 leaves the turn to the environment. Only lost games are relabelled.
    """

    id: str
    form: str
    reset: dict[str, Any]
    max_steps: int = 50
    states_confidence: bool = True
    cuts: Sequence[int] = ()


@dataclass
class Played:
    """What became of a game; `skipped` when its form does not apply to it."""

    game: Game
    kind: str = ""
    won: bool = False
    skipped: bool = False
    steps: int = 0
    invalid: int = 0
    confidence: float | None = None
    relabelled: list[dict[str, Any]] = field(default_factory=list)


def play(
    games: Iterable[Game],
    sampler: Sampler,
    environments: Environments,
    temperature: float,
    on_played: Callable[[Played], None] = lambda played: None,
) -> list[Played]:
    """Play all games; results in the order in which they end."""
    waiting = iter(games)
    slots: dict[int, Played] = {}
    results: list[Played] = []

    def finish(number: int) -> None:
        played = slots.pop(number)
        results.append(played)
        on_played(played)

    free = list(range(sampler.slots))
    while True:
        while free and (starting := start_games(waiting, free, slots, sampler, environments, temperature)):
            for number in starting:
                if slots[number].skipped:
                    finish(number)
            free = [number for number in free if number not in slots]
        if not slots:
            return results
        ended = play_turn(slots, sampler, environments, temperature)
        relabel_lost(ended, slots, environments)
        for number in ended:
            finish(number)
        free = ended


def start_games(
    waiting: Iterator[Game],
    free: Sequence[int],
    slots: dict[int, Played],
    sampler: Sampler,
    environments: Environments,
    temperature: float,
) -> list[int]:
    """Reset the next games into free slots and let the model state its confidence; the slots that were filled."""
    chosen = [(slot, game) for slot in free if (game := next(waiting, None)) is not None]
    answers = environments.request(
        [{"op": "reset", "slot": slot, "maxSteps": game.max_steps, **game.reset} for slot, game in chosen]
    )
    heads: dict[int, str] = {}
    for (number, game), answer in zip(chosen, answers):
        slots[number] = Played(game, kind=answer.get("kind", ""), skipped=answer.get("skip", False))
        if not slots[number].skipped:
            heads[number] = answer["text"]
            sampler.restart(number)
            sampler.feed(number, answer["text"])
    stating = [number for number in heads if slots[number].game.states_confidence]
    for number, line in zip(stating, sampler.write_lines(stating, temperature) if stating else []):
        slots[number].confidence = parse_confidence(line.text)
        if slots[number].confidence is None:
            # What is no statement is not kept: it could be a fact that the model made up.
            sampler.restart(number)
            sampler.feed(number, heads[number])
    for number in heads:
        sampler.feed(number, ">")
    return [number for number, _ in chosen]


def play_turn(slots: dict[int, Played], sampler: Sampler, environments: Environments, temperature: float) -> list[int]:
    """One action in every slot; the slots whose game is over."""
    order = list(slots)
    lines = sampler.write_lines(order, temperature)
    answers = environments.request([{"op": "step", "slot": slot, "action": line.text} for slot, line in zip(order, lines)])
    ended: list[int] = []
    for number, answer in zip(order, answers):
        played = slots[number]
        played.steps += 1
        played.invalid += answer["text"].startswith(" nothing happens")
        played.won = answer["won"]
        if answer.get("restart"):
            sampler.restart(number)
        sampler.feed(number, answer["text"])
        if answer["done"] or played.steps >= played.game.max_steps or sampler.room(number) < 32:
            ended.append(number)
    return ended


def relabel_lost(ended: Sequence[int], slots: dict[int, Played], environments: Environments) -> None:
    """Ask for lost games as demonstrations: kept up to a cut, finished by the expert (DAgger, Ross et al. 2011, arXiv:1011.0686).

    Deviation: a text holds one action a turn, so the expert's label does not stand beside the model's action; it takes over.
    """
    lost = [(number, cut) for number in ended if not slots[number].won for cut in slots[number].game.cuts]
    operations = [{"op": "relabel", "slot": number, **({} if cut < 0 else {"cut": cut})} for number, cut in lost]
    for (number, cut), answer in zip(lost, environments.request(operations)):
        if answer["demonstration"]:
            slots[number].relabelled.append({**answer["demonstration"], "id": f"{slots[number].game.id}@{cut}"})


def parse_confidence(text: str) -> float | None:
    """The probability stated by a line `sure 0…10`."""
    match = re.fullmatch(r"\s*sure (10|\d)\s*", text)
    return int(match[1]) / 10 if match else None


def summarise(results: Iterable[Played]) -> dict[str, float]:
    """Success within 10, 15, 20, 30, 50 steps, mean steps with failures at their limit, and the share of invalid actions."""
    played = [result for result in results if not result.skipped]
    count = max(1, len(played))
    summary: dict[str, float] = {"games": len(played)}
    for limit in (10, 15, 20, 30, 50):
        summary[f"within{limit}"] = sum(p.won and p.steps <= limit for p in played) / count
    summary["meanSteps"] = sum(p.steps if p.won else p.game.max_steps for p in played) / count
    summary["invalid"] = sum(p.invalid for p in played) / max(1, sum(p.steps for p in played))
    return summary
