"""Episodes played by the model: many slots at once, each refilled when its game ends.

Also the roll-ins of DAgger (Ross et al. 2011, arXiv:1011.0686). Deviation: a text can hold one action a turn, so the expert does
not label every turn beside the model's action; it takes over at a drawn turn and plays to the end. Its actions are learned
from, the model's are context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .environments import Environments, Reply
from .generate import Sampler


@dataclass(frozen=True)
class Game:
    """One game to play: `request` is what the environment needs for a reset; `takeover` the turn from which the expert plays."""

    id: str
    form: str
    request: dict[str, Any]
    max_steps: int = 50
    takeover: int | None = None
    states_confidence: bool = False


@dataclass
class Played:
    """`segments` is the episode's text by kind, as a demonstration; `ended` says why a game that was not won stopped."""

    game: Game
    won: bool = False
    steps: int = 0
    invalid: int = 0
    confidence: float | None = None
    ended: str = "steps"
    segments: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Slot:
    played: Played
    reply: Reply


def play(
    games: Iterable[Game],
    sampler: Sampler,
    environments: Environments,
    temperature: float,
    on_played: Callable[[Played], None] = lambda played: None,
) -> list[Played]:
    """Play all games; results in the order in which they end."""
    waiting = iter(games)
    slots: dict[int, Slot] = {}
    results: list[Played] = []
    start_games(waiting, [*range(sampler.slots)], slots, sampler, environments)
    while slots:
        actions = choose_actions(slots, sampler, temperature)
        order = list(slots)
        replies = environments.request([{"op": "step", "slot": slot, "action": actions[slot].strip()} for slot in order])
        free: list[int] = []
        for number, reply in zip(order, replies):
            if take_reply(slots[number], reply, number, sampler):
                played = slots.pop(number).played
                results.append(played)
                on_played(played)
                free.append(number)
        start_games(waiting, free, slots, sampler, environments)
    return results


def start_games(
    waiting: Iterator[Game], free: list[int], slots: dict[int, Slot], sampler: Sampler, environments: Environments
) -> None:
    """Reset the next games into the free slots; those that state their confidence write that line first."""
    chosen = [(slot, game) for slot, game in zip(free, waiting_games(waiting, len(free)))]
    replies = environments.request(
        [{"op": "reset", "slot": slot, **game.request, "expert": game.takeover is not None} for slot, game in chosen]
    )
    stating: list[int] = []
    for (number, game), reply in zip(chosen, replies):
        slots[number] = Slot(Played(game), reply)
        sampler.restart(number)
        head = reply.text.removesuffix(">")
        grow(slots[number], number, sampler, head, "context")
        if game.states_confidence:
            stating.append(number)
        else:
            grow(slots[number], number, sampler, ">", "context")
    if stating:
        for number, line in zip(stating, sampler.write_lines(stating, temperature=1.0)):
            slots[number].played.confidence = parse_confidence(line.text)
            slots[number].played.segments.append((line.text, "confidence"))
            grow(slots[number], number, sampler, ">", "context")


def waiting_games(waiting: Iterator[Game], count: int) -> Iterator[Game]:
    for _ in range(count):
        game = next(waiting, None)
        if game is None:
            return
        yield game


def choose_actions(slots: dict[int, Slot], sampler: Sampler, temperature: float) -> dict[int, str]:
    """The next action of every slot: the expert's after its takeover, otherwise a sampled line. Written into the episodes."""
    by_expert = {
        number: slot.reply.expert
        for number, slot in slots.items()
        if slot.played.game.takeover is not None
        and slot.played.steps >= slot.played.game.takeover
        and slot.reply.expert is not None
    }
    actions: dict[int, str] = {}
    for number, action in by_expert.items():
        actions[number] = f" {action}\n"
        grow(slots[number], number, sampler, actions[number], "action")
    sampled = [number for number in slots if number not in by_expert]
    lines = sampler.write_lines(sampled, temperature) if sampled else []
    for number, line in zip(sampled, lines):
        actions[number] = line.text
        slots[number].played.segments.append((line.text, "noise"))
    return actions


def take_reply(slot: Slot, reply: Reply, number: int, sampler: Sampler) -> bool:
    """Append the observation; whether the game is over."""
    slot.reply = reply
    played = slot.played
    played.steps += 1
    played.invalid += reply.text.startswith(" nothing happens")
    played.won = reply.won
    grow(slot, number, sampler, reply.text.rstrip(" "), "context")
    if reply.done or reply.won:
        played.ended = "done"
        return True
    if sampler.room(number) < 32:
        played.ended = "context"
        return True
    return played.steps >= played.game.max_steps


def grow(slot: Slot, number: int, sampler: Sampler, text: str, kind: str) -> None:
    slot.played.segments.append((text, kind))
    sampler.feed(number, text)


def parse_confidence(text: str) -> float | None:
    """The probability stated by a line `sure 0…10`."""
    match = re.fullmatch(r"\s*sure (10|\d)\s*", text)
    return int(match[1]) / 10 if match else None


def summarise(results: Iterable[Played]) -> dict[str, float]:
    """Success within 10, 15, 20, 50 steps, mean steps with failures at their limit, and the share of invalid actions."""
    played = list(results)
    count = max(1, len(played))
    summary: dict[str, float] = {"games": len(played)}
    for limit in (10, 15, 20, 30, 50):
        summary[f"within{limit}"] = sum(p.won and p.steps <= limit for p in played) / count
    summary["meanSteps"] = sum(p.steps if p.won else p.game.max_steps for p in played) / count
    summary["invalid"] = sum(p.invalid for p in played) / max(1, sum(p.steps for p in played))
    return summary
