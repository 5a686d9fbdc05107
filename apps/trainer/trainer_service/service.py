"""What the routes do: sessions, models and their checkpoints. Checks run on the caller's side, everything else in the queue."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from policy_trainer.export import write_json

from .bodies import LoraConfig
from .checkpoints import form, load_checkpoint, saved_result
from .engine import Base, Engine, read_base
from .errors import ServiceError
from .jobs import Jobs, Numbers
from .run import Run
from .samplers import Samplers
from .storage import Storage


@dataclass(frozen=True)
class Settings:
    """`session_timeout` in seconds; `queue_limit` in calls that wait; `bases` from name to folder."""

    folder: Path
    bases: dict[str, Path] = field(default_factory=dict)
    device: str = "cpu"
    bf16: bool = False
    queue_limit: int = 64
    session_timeout: float = 900


class Service:
    def __init__(self, settings: Settings, log: Callable[[str], None] = print):
        self.settings, self.log = settings, log
        self.storage = Storage(settings.folder)
        self.jobs = Jobs(settings.queue_limit, log)
        self.boot_id = f"b-{secrets.token_hex(6)}"
        self.sessions: dict[str, float] = {}
        self.session_numbers: dict[str, Numbers] = {}
        self.runs: dict[str, Run] = {}
        self.samplers = Samplers(self.storage, self.runs, self.new_engine)
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
                result = load_checkpoint(self.storage, place, engine, optimizer=True)
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


def digest_of(kind: str, body: BaseModel) -> str:
    return hashlib.sha256(f"{kind} {body.model_dump_json()}".encode()).hexdigest()


def model_unknown(model_id: str) -> ServiceError:
    return ServiceError(404, "MODEL_UNKNOWN", f"There is no model '{model_id}'.", "It was unloaded, or never made; create one and load its last checkpoint.")
