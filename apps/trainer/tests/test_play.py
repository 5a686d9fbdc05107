import torch
import pytest
from torch.nn import functional as F

from policy_trainer.environments import Reply
from policy_trainer.generate import Sampler
from policy_trainer.model import Llama
from policy_trainer.play import Game, parse_confidence, play, summarise


class Corridor:
    """A game that is won by `limit` steps of any kind; the expert always says `go to desk 1`."""

    def __init__(self, limit: int):
        self.limit, self.steps, self.actions = limit, {}, {}

    def request(self, operations):
        return [self.answer(**operation) for operation in operations]

    def answer(self, op, slot, action=None, expert=False, **rest):
        if op == "reset":
            self.steps[slot], self.actions[slot] = 0, []
            return Reply(f"task put a mug in desk\nfact mug {rest['number']} in desk 1\n", expert="go to desk 1")
        self.steps[slot] += 1
        self.actions[slot].append(action)
        done = self.steps[slot] == self.limit
        return Reply(" mug 1\n" if done else " nothing happens\n>", done=done, won=done, expert="go to desk 1")

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


def test_the_same_seed_plays_the_same_games(model, tokenizer):
    def run():
        games = [Game(f"g{n}", "facts", {"number": n}, max_steps=3) for n in range(5)]
        return [p.segments for p in play(games, Sampler(model, tokenizer, 2, seed=4), Corridor(9), temperature=0.7)]

    assert run() == run()


def test_plays_every_game_once_and_stops_at_the_limit(model, tokenizer):
    games = [Game(f"g{n}", "facts", {"number": n}, max_steps=2 + n % 2) for n in range(7)]
    results = play(games, Sampler(model, tokenizer, slots=3, seed=0), Corridor(3), temperature=1.0)
    assert sorted(p.game.id for p in results) == [f"g{n}" for n in range(7)]
    assert {(p.game.max_steps, p.won, p.steps) for p in results} == {(2, False, 2), (3, True, 3)}
    assert summarise(results)["within10"] == pytest.approx(3 / 7)


def test_the_expert_takes_over_and_only_its_actions_are_learned_from(model, tokenizer):
    environments = Corridor(5)
    [played] = play([Game("g", "facts", {"number": 1}, takeover=2)], Sampler(model, tokenizer, 1, 0), environments, 1.0)
    kinds = [kind for _, kind in played.segments if kind in ("noise", "action")]
    assert kinds == ["noise", "noise", "action", "action", "action"]
    assert environments.actions[0][2:] == ["go to desk 1"] * 3
    assert [text for text, kind in played.segments if kind == "action"] == [" go to desk 1\n"] * 3


def test_states_its_confidence_before_the_first_action(model, tokenizer):
    [played] = play([Game("g", "none", {"number": 1}, max_steps=1, states_confidence=True)], Sampler(model, tokenizer, 1, 0), Corridor(5), 1.0)
    kinds = [kind for _, kind in played.segments]
    assert kinds[:4] == ["context", "confidence", "context", "noise"]
    assert played.segments[0][0].endswith("desk 1\n")


def test_reads_a_confidence_and_nothing_else():
    assert parse_confidence("sure 7\n") == 0.7
    assert parse_confidence(" sure 10\n") == 1.0
    assert parse_confidence("sure 11\n") is None
    assert parse_confidence("go to desk 1\n") is None
