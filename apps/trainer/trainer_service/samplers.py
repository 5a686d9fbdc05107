"""What can be sampled from: a base, saved weights, and the versions of a model that are kept in memory."""

import json
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from safetensors.torch import load_file
from torch import Tensor

from .bodies import Source, read_path
from .engine import Base, Engine
from .errors import ServiceError
from .models import Run, form_of, make_engine
from .storage import Storage

KEPT_VERSIONS = 4


class Sampler(NamedTuple):
    """`facts` say on which base and in which form; `state` gives the weights, none for those of the base."""

    facts: dict[str, Any]
    state: Callable[[], dict[str, Tensor] | None]


class Samplers:
    def __init__(self, storage: Storage, find_base: Callable[[str], Base]):
        self.storage, self.find_base = storage, find_base
        self.named: dict[str, Sampler] = {}

    def name(self, sampler: Sampler) -> str:
        name = f"p-{secrets.token_hex(6)}"
        self.named[name] = sampler
        return name

    def keep_version(self, run: Run) -> str:
        """A name for the present weights, copied."""
        name, state = f"e-{secrets.token_hex(6)}", run.loaded.state()
        self.named[name] = Sampler(run.facts, lambda: state)
        run.versions.append(name)
        if len(run.versions) > KEPT_VERSIONS:
            self.named.pop(run.versions.pop(0), None)
        return name

    def find(self, body: Source, session: str | None = None) -> Sampler:
        """What is named, or why it cannot be sampled from."""
        if sum(value is not None for value in (session, body.base_model, body.model_path)) != 1:
            raise ServiceError("SAMPLER_AMBIGUOUS", "Not exactly one thing to sample from is named.")
        if session is not None:
            if session not in self.named:
                raise ServiceError("SAMPLER_UNKNOWN", f"There is no sampler '{session}'.")
            return self.named[session]
        if body.base_model is not None:
            return Sampler({"model_id": None, **form_of(self.find_base(body.base_model), None)}, lambda: None)
        place = read_path(body.model_path or "", "sampler_weights")
        saved_ns = self.storage.read(place)["saved_ns"]
        facts = json.loads((self.storage.runs / place[0] / "model.json").read_text())
        return Sampler(facts, lambda: read_state(self.storage.folder(place) / "state.safetensors", saved_ns))

    def forget_versions(self, run: Run) -> None:
        for name in run.versions:
            self.named.pop(name, None)


@lru_cache(maxsize=2)
def spare_engine(facts_json: str, device: str, bf16: bool) -> Engine:
    """To sample from what no loaded model stands behind."""
    return make_engine(facts_json, device, bf16)


@lru_cache(maxsize=2)
def read_state(file: Path, saved_ns: int) -> dict[str, Tensor]:
    """`saved_ns` tells a checkpoint from one of the same name that was deleted."""
    return load_file(file)
