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
    """One game to play: `reset` is what the environment needs to begin it; `corrections` how many of its mistakes are corrected at most."""

    id: str
    form: str
    reset: dict[str, Any]
    max_steps: int = 50
    states_confidence: bool = True
    corrections: int = 0


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
    corrected: list[dict[str, Any]] = field(default_factory=list)


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
        correct(ended, slots, environments)
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


def correct(ended: Sequence[int], slots: dict[int, Played], environments: Environments) -> None:
    """Demonstrations in which the expert takes over where the model erred (DAgger, Ross et al. 2011, arXiv:1011.0686).

    Deviation: a text holds one action a turn, so the expert's label does not stand beside the model's action; it takes the action's place
    and plays to the end. First the whole play is judged, then the expert takes over at some of the mistakes, evenly spread.
    """
    judged = [(number, max(1, slots[number].steps - slots[number].won)) for number in ended if slots[number].game.corrections]
    cuts: list[tuple[int, int]] = []
    for number, demonstration in relabel(judged, environments):
        mistakes = mistakes_of(demonstration)
        wanted = slots[number].game.corrections
        chosen = mistakes if len(mistakes) <= wanted else [mistakes[place * len(mistakes) // wanted] for place in range(wanted)]
        cuts.extend((number, mistake) for mistake in chosen)
    for (number, demonstration) in relabel(cuts, environments):
        game, corrected = slots[number].game, slots[number].corrected
        corrected.append({**demonstration, "id": f"{game.id}@{len(corrected)}", "form": game.form})


def relabel(cuts: Sequence[tuple[int, int]], environments: Environments) -> list[tuple[int, dict[str, Any]]]:
    """The plays of slots up to a cut, judged, and finished by the expert; those that it cannot finish are left out."""
    answers = environments.request([{"op": "relabel", "slot": number, "cut": cut} for number, cut in cuts])
    return [(number, answer["demonstration"]) for (number, _), answer in zip(cuts, answers) if answer["demonstration"]]


def mistakes_of(demonstration: dict[str, Any]) -> list[int]:
    """The turns, from 0, at which a mistake was made that did not follow directly on another one."""
    kinds = [kind for _, kind in demonstration["segments"] if kind in ("action", "noise")]
    return [turn for turn, kind in enumerate(kinds) if kind == "noise" and (turn == 0 or kinds[turn - 1] != "noise")]


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
