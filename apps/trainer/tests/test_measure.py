import numpy as np
import pytest

from policy_trainer.evaluate import by_kind, calibration, intervals
from policy_trainer.measure import success_table, unlearned_confidence
from policy_trainer.play import Game, Played


def played(form="none", kind="heat", won=True, confidence=None, game="g", skipped=False, steps=5):
    spec = Game(f"{form}-{game}", form, {"game": {"id": game}})
    return Played(spec, kind=kind, won=won, confidence=confidence, skipped=skipped, steps=steps)


def test_success_of_a_cell_is_drawn_towards_its_form():
    results = [played(kind="heat", won=True)] * 6 + [played(kind="look", won=False)] * 6 + [played(form="facts")] * 2
    table = success_table([*results, played(kind="cool", won=True, skipped=True)])
    assert table == {"none|heat": 0.8, "none|look": 0.2, "facts|heat": 1.0}


def test_corrected_games_teach_no_confidence():
    demonstration = {"id": "x", "segments": [["task\n", "context"], ["sure 5\n", "confidence"], [">", "context"]]}
    assert unlearned_confidence(demonstration)["segments"][1] == ("sure 5\n", "noise")


def test_intervals_draw_games_and_not_plays():
    """Ten games, each always won or always lost: the interval is as wide as ten draws make it, however often they are played."""
    once = intervals([played(game=f"g{n}", won=n < 5) for n in range(10)])
    often = intervals([played(game=f"g{n}", won=n < 5) for n in range(10) for _ in range(6)])
    assert once == often
    low, high = once["within50Interval95"]
    assert low == pytest.approx(0.2, abs=0.1) and high == pytest.approx(0.8, abs=0.1)


def test_calibration_compares_with_always_saying_the_mean():
    results = [played(won=True, confidence=1.0), played(won=False, confidence=0.0), played(won=True)]
    assert calibration(results) == {"stated": 0.5, "brier": 0.0, "brierOfMean": 0.25}
    assert calibration([played()]) == {}


def test_counts_games_won_and_played_by_kind():
    assert by_kind([played(), played(won=False), played(kind="look"), played(skipped=True)]) == {"heat": [1, 2], "look": [1, 1]}


def test_within_counts_steps():
    assert np.isclose(intervals([played(steps=30)])["within20Interval95"], 0).all()
