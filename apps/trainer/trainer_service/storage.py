"""Checkpoints on disk: `runs/MODEL/{weights,sampler_weights}/NAME`, each written beside its place and renamed, whole or not at all."""

import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from policy_trainer.export import sha256, write_json

from .errors import ServiceError

KINDS = {"weights": "training", "sampler_weights": "sampler"}
Place = tuple[str, str, str]


class Storage:
    def __init__(self, folder: Path):
        self.runs = folder / "runs"
        self.runs.mkdir(parents=True, exist_ok=True)
        for left in [*self.runs.glob("*/*/.*"), *self.runs.glob("*/*.tar.gz")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    def folder(self, place: Place) -> Path:
        return self.runs.joinpath(*place)

    def write(self, place: Place, facts: dict[str, Any], fill: Callable[[Path], None]) -> dict[str, Any]:
        """`fill` writes into a hidden folder; then it gets its manifest, is flushed to disk, and takes its name."""
        folder = self.folder(place)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            fill(temporary)
            files = sorted(file for file in temporary.rglob("*") if file.is_file())
            listed = {str(file.relative_to(temporary)): {"bytes": file.stat().st_size, "sha256": sha256(file)} for file in files}
            manifest = {"format": 1, **facts, "saved_ns": time.time_ns(), "saved_at": now(), "files": listed}
            write_json(temporary / "checkpoint.json", manifest)
            for path in [*files, temporary / "checkpoint.json", temporary]:
                flush(path)
            self.refuse_existing(place)
            temporary.rename(folder)
            flush(folder.parent)
            return manifest
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def read(self, place: Place, check: bool = False) -> dict[str, Any]:
        """A checkpoint's manifest; with `check` its files are compared with it."""
        file = self.folder(place) / "checkpoint.json"
        if not file.is_file():
            raise ServiceError("CHECKPOINT_UNKNOWN", f"There is no checkpoint {tinker_path(place)}.")
        manifest = json.loads(file.read_text())
        for name, facts in manifest["files"].items() if check else ():
            if not (file.parent / name).is_file() or sha256(file.parent / name) != facts["sha256"]:
                raise ServiceError("CHECKPOINT_CORRUPT", f"{name} of {tinker_path(place)} is not what was saved.")
        return manifest

    def checkpoints(self, model_id: str) -> list[tuple[Place, dict[str, Any]]]:
        """Those of a run, oldest first."""
        places = [(model_id, kind, folder.name) for kind in KINDS for folder in (self.runs / model_id / kind).glob("[!.]*")]
        return sorted(((place, self.read(place)) for place in places), key=lambda found: found[1]["saved_ns"])

    def refuse_existing(self, place: Place) -> None:
        if self.folder(place).exists():
            raise ServiceError("CHECKPOINT_EXISTS", f"{tinker_path(place)} exists already.")

    def delete(self, place: Place) -> None:
        self.read(place)
        hidden = self.folder(place).with_name(f".{place[2]}-deleted-{time.time_ns()}")
        self.folder(place).rename(hidden)
        shutil.rmtree(hidden)

    def archive(self, place: Place) -> Path:
        """A temporary tar.gz, the caller's to remove: of a sampler checkpoint what a model server loads, of another one everything."""
        self.read(place)
        folder = self.folder(place)
        handle, path = tempfile.mkstemp(suffix=".tar.gz", dir=folder.parent.parent)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
            tar.add(folder / "export" if (folder / "export").is_dir() else folder, arcname=".")
        return Path(path)


def tinker_path(place: Place) -> str:
    return f"tinker://{'/'.join(place)}"


def flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
