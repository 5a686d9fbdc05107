"""What can be sampled from: bases, checkpoints for samplers, and the last versions of a model in memory. None of them changes what is trained."""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

from .bodies import LoraConfig
from .checkpoints import Place
from .engine import Base, Engine, read_base
from .errors import ServiceError
from .run import Run
from .storage import Storage

KEPT_EPHEMERAL = 4

# ("base", Base) | ("path", Place) | ("ephemeral", Run)
Source = tuple[str, Any]


class Samplers:
    def __init__(self, storage: Storage, runs: dict[str, Run], new_engine: Callable[[Base, LoraConfig | None, int], Engine]):
        self.storage, self.runs, self.new_engine = storage, runs, new_engine
        self.sessions: dict[str, Source] = {}
        self.spare: OrderedDict[str, Engine] = OrderedDict()
        self.states: OrderedDict[str, dict[str, Tensor]] = OrderedDict()

    def keep_ephemeral(self, run: Run, engine: Engine) -> dict[str, Any]:
        name = f"e-{secrets.token_hex(6)}"
        run.ephemeral[name] = engine.state()
        self.sessions[name] = ("ephemeral", run)
        if len(run.ephemeral) > KEPT_EPHEMERAL:
            self.sessions.pop(run.ephemeral.popitem(last=False)[0])
        return {"type": "save_weights_for_sampler", "path": None, "sampling_session_id": name}

    def source(self, name: str) -> Source:
        if name not in self.sessions:
            raise ServiceError(404, "SAMPLER_UNKNOWN", f"There is no sampler '{name}'.", f"Of a model {KEPT_EPHEMERAL} ephemeral versions are kept; save it under a name.")
        return self.sessions[name]

    def base_of(self, source: Source) -> Base:
        """The base of what is sampled from, without loading it."""
        kind, what = source
        if kind == "path":
            return self.find_run_base(what)
        return what if kind == "base" else what.base

    def find_run_base(self, place: Place) -> Base:
        manifest = self.storage.read(place)
        loaded = self.runs.get(place[0])
        if loaded:
            return loaded.base
        saved = json.loads((self.storage.runs / place[0] / "model.json").read_text())
        base = read_base(manifest["base_model"], Path(saved["base_folder"]))
        if base.sha256 != manifest["base_sha256"]:
            raise ServiceError(409, "BASE_MISMATCH", f"The weights of '{base.name}' have changed since {place[2]} was saved.", "Put them back.")
        return base

    def engine_of(self, source: Source, name: str | None) -> tuple[Engine, dict[str, Tensor] | None]:
        """An engine and the weights to use in it; in the queue."""
        kind, what = source
        if kind == "ephemeral":
            if what.engine is None or name not in what.ephemeral:
                raise ServiceError(404, "SAMPLER_UNKNOWN", f"The sampler '{name}' is gone.", "Save it under a name to keep it.")
            return what.engine, what.ephemeral[name]
        if kind == "base":
            return self.kept(self.spare, what.sha256, lambda: self.new_engine(what, None, 0)), None
        manifest = self.storage.read(what)
        file = self.storage.folder(what) / "state.safetensors"
        state = self.kept(self.states, str(file) + str(manifest["saved_ns"]), lambda: load_file(file))
        loaded = self.runs.get(what[0])
        if loaded and loaded.engine:
            return loaded.engine, state
        lora = LoraConfig(**manifest["lora"]) if manifest["lora"] else None
        return self.kept(self.spare, what[0], lambda: self.new_engine(self.find_run_base(what), lora, 0)), state

    def kept(self, kept: OrderedDict[str, Any], key: str, make: Callable[[], Any]) -> Any:
        """The last two of a kind are kept."""
        if key not in kept:
            kept[key] = make()
        kept.move_to_end(key)
        if len(kept) > 2:
            kept.popitem(last=False)
        return kept[key]
