import torch
import pytest
from torch.nn import functional as F

from policy_trainer.generate import Line, Sampler
from policy_trainer.model import Llama
from policy_trainer.play import Game, parse_confidence, play, summarise


class Corridor:
    """Games that are won by `limit` steps of any kind; number 0 does not exist. Speaks as the play server does."""

    def __init__(self, limit: int):
        self.limit, self.actions = limit, {}

    def request(self, operations):
        return [getattr(self, operation["op"])(**{k: v for k, v in operation.items() if k != "op"}) for operation in operations]

    def reset(self, slot, number, maxSteps):
        self.actions[slot] = []
        if number == 0:
            return {"slot": slot, "skip": True}
        return {"slot": slot, "text": f"task put a mug in desk\nfact mug {number} in desk 1\n", "kind": "pick"}

    def step(self, slot, action):
        self.actions[slot].append(action)
        won = len(self.actions[slot]) == self.limit
        return {"slot": slot, "text": " nothing happens\n>", "restart": False, "done": won, "won": won}

    def relabel(self, slot, cut=None):
        kept = self.actions[slot][: 1 if cut is None else cut]
        return {"slot": slot, "demonstration": {"id": "x", "segments": [[action, "noise"] for action in kept]}}

    def close(self):
        pass


@pytest.fixture
def model(shape):
    return Llama(shape).initialise(2)


def test_lines_are_those_of_a_forward_pass_over_the_whole_text(model, tokenizer):
    sampler = Sampler(model, tokenizer, slots=3, seed=0)
    texts = {0: "task put a mug in desk\n>", 1: "fact mug 1 in shelf 3\n> go", 2: ">"}
    history = dict(texts)
    for slot, text in texts.items():
        sampler.feed(slot, text)
    for slots in ([0, 1, 2], [2, 0], [1]):
        for slot, line in zip(slots, sampler.write_lines(slots, temperature=0.7, limit=6)):
            ids = tokenizer.encode(texts[slot]).ids if history[slot] == texts[slot] else history[slot]
            with torch.no_grad():
                log_p = F.log_softmax(model(torch.tensor([ids + line.ids]))[0], -1)
            expected = [float(log_p[len(ids) + place - 1, token]) for place, token in enumerate(line.ids)]
            assert line.log_probabilities == pytest.approx(expected, abs=1e-4)
            history[slot] = ids + line.ids


def results_of(games, model, tokenizer, limit, slots=2, temperature=0.7):
    environments = Corridor(limit)
    return play(games, Sampler(model, tokenizer, slots, seed=4), environments, temperature), environments


def test_the_same_seed_plays_the_same_games(model, tokenizer):
    def actions():
        games = [Game(f"g{n}", "facts", {"number": n}, max_steps=3) for n in range(1, 6)]
        return results_of(games, model, tokenizer, limit=9)[1].actions

    assert actions() == actions()


def test_plays_every_game_once_and_stops_at_its_limit(model, tokenizer):
    games = [Game(f"g{n}", "facts", {"number": n}, max_steps=2 + n % 2) for n in range(1, 8)]
    results, _ = results_of(games, model, tokenizer, limit=3, slots=3)
    assert sorted(p.game.id for p in results) == [f"g{n}" for n in range(1, 8)]
    assert {(p.game.max_steps, p.won, p.steps) for p in results} == {(2, False, 2), (3, True, 3)}
    assert summarise(results)["within10"] == pytest.approx(4 / 7)
    assert summarise(results)["invalid"] == 1


def test_goes_on_when_games_are_skipped(model, tokenizer):
    games = [Game(f"g{n}", "facts", {"number": n % 2}, max_steps=1) for n in range(6)]
    results, _ = results_of(games, model, tokenizer, limit=9)
    assert sorted(p.game.id for p in results if p.skipped) == ["g0", "g2", "g4"]
    assert summarise(results)["games"] == 3


def test_relabels_lost_games_only_once_for_each_cut(model, tokenizer):
    lost = Game("lost", "none", {"number": 1}, max_steps=2, cuts=(-1, 2))
    won = Game("won", "none", {"number": 1}, max_steps=3, cuts=(-1, 2))
    results, _ = results_of([lost, won], model, tokenizer, limit=3)
    by_id = {p.game.id: p for p in results}
    assert by_id["won"].relabelled == []
    assert [(d["id"], len(d["segments"])) for d in by_id["lost"].relabelled] == [("lost@-1", 1), ("lost@2", 2)]


class Scripted:
    """A sampler that writes what it is told, and keeps the text of its only slot before each line."""

    slots = 1

    def __init__(self, *lines):
        self.lines, self.text, self.prompts = list(lines), "", []

    def restart(self, slot):
        self.text = ""

    def feed(self, slot, text):
        self.text += text

    def room(self, slot):
        return 1000

    def write_lines(self, slots, temperature):
        self.prompts.append(self.text)
        self.text += self.lines[0]
        return [Line([], self.lines.pop(0), [])]


@pytest.mark.parametrize(
    "stated, confidence, kept",
    [("sure 7\n", 0.7, "sure 7\n"), ("fact mug 2 in bed 1\n", None, ""), ("> go to desk 1\n", None, "")],
)
def test_keeps_a_stated_confidence_and_nothing_else_that_the_model_writes_there(stated, confidence, kept):
    sampler = Scripted(stated, " go to desk 1\n")
    [played] = play([Game("g", "none", {"number": 1}, max_steps=1)], sampler, Corridor(9), 0.7)
    head = "task put a mug in desk\nfact mug 1 in desk 1\n"
    assert sampler.prompts == [head, f"{head}{kept}>"]
    assert played.confidence == confidence


def test_asks_for_no_confidence_where_none_is_wanted():
    sampler = Scripted(" go to desk 1\n")
    play([Game("g", "none", {"number": 1}, max_steps=1, states_confidence=False)], sampler, Corridor(9), 0.7)
    assert sampler.prompts == ["task put a mug in desk\nfact mug 1 in desk 1\n>"]


def test_reads_a_confidence_and_nothing_else():
    assert parse_confidence("sure 7\n") == 0.7
    assert parse_confidence(" sure 10\n") == 1.0
    assert parse_confidence("sure 11\n") is None
    assert parse_confidence("go to desk 1\n") is None
