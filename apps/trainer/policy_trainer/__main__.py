"""The built-in policy: `train` makes its two checkpoints from nothing, `evaluate` measures what guidance does for one."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from .evaluate import ROWS, evaluate
from .node_side import REPOSITORY
from .play_parallel import TEMPERATURE
from .recipe import RECIPES, run_recipe


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m policy_trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train, resume, export; run it again after a kill and it goes on")
    which = train.add_mutually_exclusive_group()
    which.add_argument("--smoke", action="store_true", help="about a minute on generated games: checks the whole path, plays badly")
    which.add_argument("--plain", action="store_true", help="the control: a policy that never saw an entry in training")
    train.add_argument("--seed", type=int, help="another seed than the recipe's")
    train.add_argument("--work", type=Path, help="folder of intermediate files (default .skillrl/policy-training/NAME)")
    train.add_argument("--out", type=Path, help="folder for the checkpoints (default WORK/checkpoints)")
    table = commands.add_parser("evaluate", help="play the games of a split under several kinds of guidance")
    table.add_argument("--checkpoint", type=Path, required=True, help="an exported folder, such as base")
    table.add_argument("--split", default="valid_unseen")
    table.add_argument("--rows", default=",".join(ROWS), help="kinds of guidance, comma-separated")
    table.add_argument("--plays", type=int, default=6, help="plays of every game and row")
    table.add_argument("--seed", type=int, default=1)
    table.add_argument("--temperature", type=float, default=TEMPERATURE)
    table.add_argument("--out", type=Path, help="JSON file for the table")
    arguments = parser.parse_args()
    # As an exception, so that worker processes end too and temporary files go.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if arguments.command == "train":
        run_training(arguments)
    else:
        rows = tuple(arguments.rows.split(","))
        evaluate(arguments.checkpoint, arguments.split, rows, arguments.plays, arguments.seed, arguments.out, arguments.temperature)


def run_training(arguments: argparse.Namespace) -> None:
    recipe = RECIPES["smoke" if arguments.smoke else "plain" if arguments.plain else "full"]
    if arguments.seed is not None:
        recipe = replace(recipe, seed=arguments.seed)
    work = arguments.work or REPOSITORY / ".skillrl" / "policy-training" / f"{recipe.name}-{recipe.seed}"
    torch.set_num_threads(1)
    started = time.monotonic()
    run_recipe(recipe, work, arguments.out or work / "checkpoints")
    print(f"finished after {(time.monotonic() - started) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
