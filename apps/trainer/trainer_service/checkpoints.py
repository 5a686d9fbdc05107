"""What is in a checkpoint: trained parameters, optimizer and random numbers, or what a model server loads; and putting it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from .bodies import LoraConfig
from .engine import Base, Engine
from .errors import ServiceError
from .export import export_model
from .storage import Storage

Place = tuple[str, str, str]


def save_checkpoint(storage: Storage, place: Place, engine: Engine, seq_id: int, digest: str | None) -> dict[str, Any]:
    """`seq_id` is the last number that the weights have seen, `digest` the body of a numbered call."""
    model_id, kind, name = place
    if kind == "weights" and engine.gradient is not None:
        raise ServiceError(400, "GRADIENT_PENDING", "A gradient is accumulated, which a checkpoint does not hold.", "Call optim_step or load_weights first.")
    facts = {"name": name, "model_id": model_id, **form(engine.base, engine.lora), "step": engine.step, "seq_id": seq_id, "digest": digest}

    def fill(folder: Path) -> None:
        save_file(engine.state(), folder / "state.safetensors")
        if kind == "weights":
            torch.save({"optimizer": engine.optimizer.state_dict(), "generator": engine.generator.get_state()}, folder / "optimizer.pt")
        else:
            export_model(engine, folder / "export", facts)

    return saved_result(place, storage.write(place, facts, fill))


def load_checkpoint(storage: Storage, place: Place, engine: Engine, optimizer: bool) -> dict[str, Any]:
    """Everything is read and compared before anything is changed."""
    manifest = storage.read(place, check=True)
    mine = form(engine.base, engine.lora)
    if manifest["base_sha256"] != mine["base_sha256"]:
        raise ServiceError(400, "CHECKPOINT_OTHER_BASE", f"{place[2]} was trained from {manifest['base_model']}, other weights.", "Create a model of that base.")
    if without_seed(manifest["lora"]) != without_seed(mine["lora"]):
        raise ServiceError(400, "CHECKPOINT_OTHER_FORM", f"{place[2]} has lora {manifest['lora']}, the model {mine['lora']}.", "Create a model of that form.")
    folder = storage.folder(place)
    state = load_file(folder / "state.safetensors")
    saved = torch.load(folder / "optimizer.pt", weights_only=True)
    fresh = torch.optim.AdamW(engine.trained.values())
    if optimizer:
        fresh.load_state_dict(saved["optimizer"])
    engine.load_state(state)
    engine.optimizer, engine.gradient, engine.step = fresh, None, manifest["step"]
    if saved["generator"].shape == engine.generator.get_state().shape:  # A GPU's state is not a CPU's.
        engine.generator.set_state(saved["generator"])
    return {"type": "load_weights", "path": f"tinker://{'/'.join(place)}", "step": engine.step}


def form(base: Base, lora: LoraConfig | None) -> dict[str, Any]:
    names = {"base_model": base.name, "base_sha256": base.sha256, "tokenizer_sha256": base.tokenizer_sha256}
    return {**names, "is_lora": lora is not None, "lora": lora.model_dump() if lora else None}


def without_seed(lora: dict[str, Any] | None) -> dict[str, Any] | None:
    return lora and {**lora, "seed": None}


def saved_result(place: Place, manifest: dict[str, Any]) -> dict[str, Any]:
    result = {"path": f"tinker://{'/'.join(place)}", "sha256": manifest["files"]["state.safetensors"]["sha256"]}
    if place[1] == "weights":
        return {"type": "save_weights", **result}
    return {"type": "save_weights_for_sampler", **result, "sampling_session_id": None}
