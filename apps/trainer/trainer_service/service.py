"""What the routes do: sessions, models and their checkpoints. Checks run on the caller's side, everything else in the queue."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from policy_trainer.export import write_json

from .bodies import LoraConfig
from .engine import Base, Engine, read_base
from .errors import ServiceError
from .export import export_model
from .jobs import Jobs, Numbers
from .storage import Storage

KEPT_EPHEMERAL = 4


@dataclass(frozen=True)
class Settings:
    """`session_timeout` in seconds; `queue_limit` in calls that wait; `bases` from name to folder."""

    folder: Path
    bases: dict[str, Path] = field(default_factory=dict)
    device: str = "cpu"
    bf16: bool = False
    queue_limit: int = 64
    session_timeout: float = 900


@dataclass
class Run:
    """A model. `executed` is the last number that the queue has begun."""

    model_id: str
    session_id: str
    base: Base
    lora: LoraConfig | None
    seed: int
    numbers: Numbers = field(default_factory=Numbers)
    executed: int = 0
    engine: Engine | None = None
    restored_from: str | None = None
    ephemeral: OrderedDict[str, dict[str, Tensor]] = field(default_factory=OrderedDict)


class Service:
    def __init__(self, settings: Settings, log: Callable[[str], None] = print):
        self.settings, self.log = settings, log
        self.storage = Storage(settings.folder)
        self.jobs = Jobs(settings.queue_limit, log)
        self.boot_id = f"b-{secrets.token_hex(6)}"
        self.sessions: dict[str, float] = {}
        self.session_numbers: dict[str, Numbers] = {}
        self.runs: dict[str, Run] = {}
        self.sampling_sessions: dict[str, tuple[str, Any]] = {}
        self.spare: OrderedDict[str, Engine] = OrderedDict()
        self.states: OrderedDict[str, dict[str, Tensor]] = OrderedDict()
        self.ready = False

    def restore(self) -> None:
        """Load the models that were not unloaded, each at its last whole checkpoint; then the service is ready."""
        sessions = self.settings.folder / "sessions.json"
        self.sessions = {name: time.monotonic() for name in (json.loads(sessions.read_text()) if sessions.exists() else ())}
        for file in self.storage.runs.glob("*/model.json"):
            saved = json.loads(file.read_text())
            if saved["unloaded"]:
                continue
            try:
                self.restore_run(saved)
            except Exception as error:  # One model that cannot be restored must not take the others with it.
                self.log(f"model {saved['model_id']} is not restored: {error}")
        self.ready = True

    def restore_run(self, saved: dict[str, Any]) -> None:
        base = read_base(saved["base_model"], Path(saved["base_folder"]))
        if base.sha256 != saved["base_sha256"]:
            raise ValueError("its base has changed")
        run = Run(saved["model_id"], saved["session_id"], base, LoraConfig(**saved["lora"]) if saved["lora"] else None, saved["seed"])
        engine = self.new_engine(base, run.lora, run.seed)
        for place, manifest in reversed(list(self.storage.checkpoints(run.model_id))):
            if place[1] != "weights":
                continue
            try:
                result = self.load(engine, place, optimizer=True)
            except ServiceError as error:
                self.log(f"checkpoint {place[2]} of {run.model_id} is passed over: {error}")
                continue
            run.restored_from, run.executed, run.numbers = result["path"], manifest["seq_id"], Numbers(manifest["seq_id"])
            if manifest["digest"]:
                run.numbers.accept(manifest["seq_id"], manifest["digest"], self.jobs.finished(saved_result(place, manifest)))
            break
        run.engine = engine
        self.runs[run.model_id] = run
        self.log(f"model {run.model_id} is restored from {run.restored_from or 'its base'}")

    def new_engine(self, base: Base, lora: LoraConfig | None, seed: int) -> Engine:
        return Engine(base, lora, seed, self.settings.device, self.settings.bf16)

    # Sessions

    def create_session(self) -> str:
        self.expire()
        session_id = f"s-{secrets.token_hex(6)}"
        self.sessions[session_id] = time.monotonic()
        write_json(self.settings.folder / "sessions.json", sorted(self.sessions))
        return session_id

    def touch(self, session_id: str) -> None:
        if session_id not in self.sessions:
            raise ServiceError(404, "SESSION_UNKNOWN", f"There is no session '{session_id}'.", "It ended without heartbeats; create one and load the last checkpoint.")
        self.sessions[session_id] = time.monotonic()
        self.expire()

    def expire(self) -> None:
        old = [name for name, seen in self.sessions.items() if time.monotonic() - seen > self.settings.session_timeout]
        for name in old:
            del self.sessions[name]
            for run in [run for run in self.runs.values() if run.session_id == name]:
                self.log(f"session {name} had no heartbeat: model {run.model_id} is unloaded")
                self.unload(run)

    # Models

    def find_base(self, name: str) -> Base:
        return read_base(name, self.settings.bases.get(name, Path(name)))

    def create_model(self, session_id: str, base: Base, lora: LoraConfig | None) -> tuple[str, str]:
        run = Run(f"m-{secrets.token_hex(6)}", session_id, base, lora, (lora and lora.seed) or 0)

        def work() -> dict[str, Any]:
            try:
                run.engine = self.new_engine(base, lora, run.seed)
                self.write_model(run, unloaded=False)
            except BaseException:
                self.runs.pop(run.model_id, None)
                raise
            return {**self.info(run), "type": "create_model"}

        request_id = self.jobs.submit(f"create_model {run.model_id}", work)
        self.runs[run.model_id] = run
        return run.model_id, request_id

    def write_model(self, run: Run, unloaded: bool) -> None:
        (self.storage.runs / run.model_id).mkdir(exist_ok=True)
        facts = {"model_id": run.model_id, "session_id": run.session_id, "base_folder": str(run.base.folder.resolve()), "seed": run.seed}
        write_json(self.storage.runs / run.model_id / "model.json", {**facts, **form(run.base, run.lora), "unloaded": unloaded})

    def run(self, model_id: str) -> Run:
        if model_id not in self.runs:
            raise model_unknown(model_id)
        run = self.runs[model_id]
        if run.session_id in self.sessions:
            self.sessions[run.session_id] = time.monotonic()
        return run

    def info(self, run: Run) -> dict[str, Any]:
        engine = run.engine
        counts = [sum(p.numel() for p in ps) for ps in (engine.network.parameters(), engine.trained.values())] if engine else [None, None]
        return {
            "type": "get_info", "model_id": run.model_id, "session_id": run.session_id,
            "model_data": {"arch": run.base.config["model_type"], "model_name": run.base.name, "tokenizer_id": run.base.tokenizer_sha256},
            "lora_rank": run.lora.rank if run.lora else None, "lora_alpha": run.lora.alpha if run.lora else None, **form(run.base, run.lora),
            "vocabulary": run.base.vocabulary, "context": run.base.context, "parameters": counts[0], "trainable_parameters": counts[1],
            "seq_id": run.numbers.last, "step": engine.step if engine else 0, "restored_from": run.restored_from, "boot_id": self.boot_id,
        }

    def call(self, run: Run, kind: str, body: BaseModel, seq: int | None, check: Callable[[], Any], work: Callable[[Engine, Any], dict[str, Any]]) -> str:
        """Queue `work`, once per number, if `check`, whose result it gets, does not refuse."""
        digest = digest_of(kind, body)
        known = run.numbers.known(seq, digest) if seq is not None else None
        if known:
            return known
        checked = check()

        def in_queue() -> dict[str, Any]:
            if run.engine is None:
                raise model_unknown(run.model_id)
            run.executed = seq if seq is not None else run.executed
            return work(run.engine, checked)

        request_id = self.jobs.submit(f"{kind} {run.model_id}", in_queue)
        if seq is not None:
            run.numbers.accept(seq, digest, request_id)
        return request_id

    def unload(self, run: Run) -> str:
        def work() -> dict[str, Any]:
            run.engine = None
            run.ephemeral.clear()
            self.write_model(run, unloaded=True)
            return {"type": "unload_model", "model_id": run.model_id, "status": "unloaded"}

        request_id = self.jobs.submit(f"unload_model {run.model_id}", work)
        del self.runs[run.model_id]
        return request_id

    # Checkpoints

    def save(self, run: Run, engine: Engine, kind: str, name: str, digest: str | None) -> dict[str, Any]:
        if kind == "weights" and engine.gradient is not None:
            raise ServiceError(400, "GRADIENT_PENDING", "A gradient is accumulated, which a checkpoint does not hold.", "Call optim_step or load_weights first.")
        place = (run.model_id, kind, name)
        facts = {"name": name, "model_id": run.model_id, **form(run.base, run.lora), "step": engine.step, "seq_id": run.executed, "digest": digest}

        def fill(folder: Path) -> None:
            save_file(engine.state(), folder / "state.safetensors")
            if kind == "weights":
                torch.save({"optimizer": engine.optimizer.state_dict(), "generator": engine.generator.get_state()}, folder / "optimizer.pt")
            else:
                export_model(engine, folder / "export", facts)

        return saved_result(place, self.storage.write(place, facts, fill))

    def load(self, engine: Engine, place: tuple[str, str, str], optimizer: bool) -> dict[str, Any]:
        """Everything is read and compared before anything is changed."""
        manifest = self.storage.read(place, check=True)
        mine = form(engine.base, engine.lora)
        if manifest["base_sha256"] != mine["base_sha256"]:
            raise ServiceError(400, "CHECKPOINT_OTHER_BASE", f"{place[2]} was trained from {manifest['base_model']}, other weights.", "Create a model of that base.")
        if without_seed(manifest["lora"]) != without_seed(mine["lora"]):
            raise ServiceError(400, "CHECKPOINT_OTHER_FORM", f"{place[2]} has lora {manifest['lora']}, the model {mine['lora']}.", "Create a model of that form.")
        folder = self.storage.folder(place)
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

    # Sampling

    def save_ephemeral(self, run: Run, engine: Engine) -> dict[str, Any]:
        name = f"e-{secrets.token_hex(6)}"
        run.ephemeral[name] = engine.state()
        self.sampling_sessions[name] = ("ephemeral", run)
        if len(run.ephemeral) > KEPT_EPHEMERAL:
            self.sampling_sessions.pop(run.ephemeral.popitem(last=False)[0])
        return {"type": "save_weights_for_sampler", "path": None, "sampling_session_id": name}

    def source(self, name: str) -> tuple[str, Any]:
        if name not in self.sampling_sessions:
            raise ServiceError(404, "SAMPLER_UNKNOWN", f"There is no sampler '{name}'.", f"Of a model {KEPT_EPHEMERAL} ephemeral versions are kept; save it under a name.")
        return self.sampling_sessions[name]

    def base_of(self, source: tuple[str, Any]) -> Base:
        """The base of what is sampled from, without loading it."""
        kind, what = source
        if kind == "path":
            return self.find_run_base(what)
        return what if kind == "base" else what.base

    def find_run_base(self, place: tuple[str, str, str]) -> Base:
        manifest = self.storage.read(place)
        loaded = self.runs.get(place[0])
        if loaded:
            return loaded.base
        saved = json.loads((self.storage.runs / place[0] / "model.json").read_text())
        base = read_base(manifest["base_model"], Path(saved["base_folder"]))
        if base.sha256 != manifest["base_sha256"]:
            raise ServiceError(409, "BASE_MISMATCH", f"The weights of '{base.name}' have changed since {place[2]} was saved.", "Put them back.")
        return base

    def engine_of(self, source: tuple[str, Any], name: str | None) -> tuple[Engine, dict[str, Tensor] | None]:
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


def form(base: Base, lora: LoraConfig | None) -> dict[str, Any]:
    names = {"base_model": base.name, "base_sha256": base.sha256, "tokenizer_sha256": base.tokenizer_sha256}
    return {**names, "is_lora": lora is not None, "lora": lora.model_dump() if lora else None}


def without_seed(lora: dict[str, Any] | None) -> dict[str, Any] | None:
    return lora and {**lora, "seed": None}


def saved_result(place: tuple[str, str, str], manifest: dict[str, Any]) -> dict[str, Any]:
    result = {"path": f"tinker://{'/'.join(place)}", "sha256": manifest["files"]["state.safetensors"]["sha256"]}
    if place[1] == "weights":
        return {"type": "save_weights", **result}
    return {"type": "save_weights_for_sampler", **result, "sampling_session_id": None}


def digest_of(kind: str, body: BaseModel) -> str:
    return hashlib.sha256(f"{kind} {body.model_dump_json()}".encode()).hexdigest()


def model_unknown(model_id: str) -> ServiceError:
    return ServiceError(404, "MODEL_UNKNOWN", f"There is no model '{model_id}'.", "It was unloaded, or never made; create one and load its last checkpoint.")
