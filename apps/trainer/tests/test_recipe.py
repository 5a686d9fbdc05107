"""The whole path, small: demonstrate, tokenise, train, play, correct, train again, export. About a minute of one core."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import pytest

from policy_trainer.recipe import SMOKE, run_recipe


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("smoke")
    run_recipe(SMOKE, folder, folder / "checkpoints")
    return folder


def manifest(work: Path, name: str) -> dict:
    return json.loads((work / "checkpoints" / name / "manifest.json").read_text())


def test_exports_both_checkpoints_with_every_file_and_its_hash(work):
    for name in ("warm", "base"):
        for file, facts in manifest(work, name)["files"].items():
            content = (work / "checkpoints" / name / file).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (facts["bytes"], facts["sha256"])


def test_learns_in_each_round(work):
    first, second = (round_["heldOutNats"]["action"] for round_ in manifest(work, "base")["rounds"])
    assert second < first < math.log(800)  # an untrained model spreads over some 800 tokens


def test_the_second_round_learns_from_play(work):
    assert json.loads((work / "success-1.json").read_text())
    assert (work / "corrected-1.jsonl").exists()


def test_a_finished_run_is_not_run_again(work):
    made = {path: path.stat().st_mtime_ns for path in work.glob("*.*")}
    run_recipe(SMOKE, work, work / "checkpoints")
    assert {path: path.stat().st_mtime_ns for path in work.glob("*.*")} == made
