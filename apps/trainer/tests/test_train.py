from dataclasses import replace
from pathlib import Path

import pytest
import torch

from policy_trainer import train
from policy_trainer.optimizer import Schedule
from policy_trainer.train import StageFiles, StagePlan, run_stage

PLAN = StagePlan(name="toy", tokens=20_000, seed=5, tokens_per_batch=1024, processes=1, report_seconds=1e9, checkpoint_seconds=1e9)


def files(folder: Path, name: str = "a") -> StageFiles:
    return StageFiles(folder / "train.npz", folder / "train.npz", None, folder / f"{name}.state", folder / f"{name}.pt")


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)["model"]


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for key in one:
        assert torch.equal(one[key], other[key]), key


def test_a_stage_killed_and_resumed_ends_with_the_same_weights(token_files, shape, monkeypatch):
    run_stage(PLAN, shape, files(token_files, "whole"))
    step = train.train_step

    def dies_at_seven(model, optimizer, batches, state, *rest):
        if state.step == 7:
            raise KeyboardInterrupt
        step(model, optimizer, batches, state, *rest)

    cut = files(token_files, "cut")
    monkeypatch.setattr(train, "train_step", dies_at_seven)
    with pytest.raises(KeyboardInterrupt):
        run_stage(replace(PLAN, checkpoint_seconds=0), shape, cut)
    assert cut.state.exists() and not cut.result.exists()
    monkeypatch.setattr(train, "train_step", step)
    run_stage(PLAN, shape, cut)
    assert_equal(weights(files(token_files, "whole").result), weights(cut.result))
    assert not cut.state.exists()


def test_a_finished_stage_is_not_run_again(token_files, shape, monkeypatch):
    run_stage(PLAN, shape, files(token_files))
    monkeypatch.setattr(train, "train_process", None)
    run_stage(PLAN, shape, files(token_files))


def test_two_processes_learn_what_one_learns(token_files, shape):
    short = replace(PLAN, tokens=4_000)
    run_stage(short, shape, files(token_files, "one"))
    run_stage(replace(short, processes=2), shape, files(token_files, "two"))
    one, two = weights(files(token_files, "one").result), weights(files(token_files, "two").result)
    for key in one:
        assert torch.nn.functional.cosine_similarity(one[key].flatten(), two[key].flatten(), dim=0) > 0.99, key


def test_learns_to_read_the_number_in_its_prompt(token_files, shape):
    plan = replace(PLAN, tokens=250_000, matrix_rate=0.03, vector_rate=0.01)
    run_stage(plan, shape, files(token_files))
    figures = torch.load(files(token_files).result, weights_only=True)["figures"]
    assert figures["heldOutNats"]["action"] < 0.25, figures


def test_the_rate_rises_stays_and_falls():
    schedule = Schedule(steps=100, warm_up=10, decay=0.5, final=0.0)
    assert schedule.factor(0) == pytest.approx(0.1)
    assert schedule.factor(10) == schedule.factor(49) == 1
    assert schedule.factor(75) == pytest.approx(0.5)
    assert schedule.factor(99) == pytest.approx(0.02)
