"""A model, what it takes to make it, and the making."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bodies import LoraConfig
from .engine import Base, Engine, read_base
from .errors import ServiceError


@dataclass
class Run:
    """A model, and where it stands. `facts` are all that it takes to make it again, and lie in its folder."""

    facts: dict[str, Any]
    base: Base
    engine: Engine | None = None
    # The last number that was accepted.
    last: int = 0
    restored_from: str | None = None
    # Names of the last versions kept in memory, oldest first.
    versions: list[str] = field(default_factory=list)

    @property
    def model_id(self) -> str:
        return self.facts["model_id"]

    @property
    def loaded(self) -> Engine:
        if self.engine is None:
            raise model_unknown(self.model_id)
        return self.engine

    def exported(self) -> dict[str, Any]:
        """Of the facts what may leave this machine with the weights."""
        return {key: self.facts[key] for key in ("model_id", "base_model", "base_sha256", "tokenizer_sha256", "is_lora", "lora")}


def form_of(base: Base, lora: LoraConfig | None) -> dict[str, Any]:
    """What it takes to make an untrained model."""
    names = {"base_model": base.name, "base_folder": str(base.folder.resolve()), "base_sha256": base.sha256, "tokenizer_sha256": base.tokenizer_sha256}
    adapter = lora and lora.model_dump(exclude={"seed"})
    seed = (lora and lora.seed) or 0
    return {**names, "vocabulary": base.vocabulary, "context": base.context, "is_lora": lora is not None, "lora": adapter, "seed": seed}


def make_engine(facts_json: str, device: str, bf16: bool) -> Engine:
    facts = json.loads(facts_json)
    base = read_base(facts["base_model"], Path(facts["base_folder"]))
    if base.sha256 != facts["base_sha256"]:
        raise ServiceError("BASE_MISMATCH", f"The weights of '{base.name}' have changed since the model was made.")
    return Engine(base, LoraConfig(**facts["lora"]) if facts["lora"] else None, facts["seed"], device, bf16)


def model_unknown(model_id: str) -> ServiceError:
    return ServiceError("MODEL_UNKNOWN", f"There is no model '{model_id}'.")
