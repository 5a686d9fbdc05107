"""The TypeScript side of training: demonstrations, games to play, and the environments themselves, each a Node program."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .environments import NodeEnvironments

REPOSITORY = Path(__file__).resolve().parents[3]
COMPACT = REPOSITORY / "packages" / "environments" / "src" / "alfworld" / "compact"


def node() -> str:
    """The Node that the project brought along, else the one on PATH."""
    own = REPOSITORY / "node_modules" / ".bin" / "node"
    found = str(own) if own.exists() else shutil.which("node")
    if found is None:
        raise FileNotFoundError("No Node found: run `npm install` in the repository's root, or put Node 24 on PATH.")
    return found


def data_folder() -> Path:
    return Path(os.environ.get("SKILLRL_DATA", REPOSITORY.parent / "shared" / "data"))


def official_folder() -> Path | None:
    """The packed official games, or nothing: then generated houses are all there is."""
    folder = data_folder() / "alfworld"
    return folder if (folder / "train.jsonl.br").exists() else None


def make_demonstrations(
    path: Path, seed: int, count: int, success: Path | None, official: Path | None, forms: Sequence[str] | None, workers: int = 2
) -> None:
    """Write `count` demonstrations to `path`; does nothing when it is there already."""
    if path.exists():
        return
    temporary = path.with_suffix(".tmp")
    arguments = ["--out", str(temporary), "--seed", str(seed), "--count", str(count), "--workers", str(workers)]
    if success is not None:
        arguments += ["--success", str(success)]
    if official is not None:
        arguments += ["--official", str(official)]
    if forms is not None:
        arguments += ["--forms", ",".join(forms)]
    subprocess.run([node(), str(COMPACT / "write-demonstrations.ts"), *arguments], check=True)
    temporary.replace(path)


def open_environments() -> NodeEnvironments:
    return NodeEnvironments([node(), str(COMPACT / "play-server.ts"), "--data", str(data_folder())])


def list_games(what: dict[str, Any]) -> list[Any]:
    """Names of games as the play server lists them: of an official split, or of a panel of houses."""
    environments = open_environments()
    [answer] = environments.request([{"op": "list", **what}])
    environments.close()
    return answer["games"]
