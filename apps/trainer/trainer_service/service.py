"""Sessions and the models in them. Checks run on the caller's side, everything else in the queue."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_trainer.export import write_json

from .bodies import CreateModel, Sample, read_tokens
from .engine import Base, Engine, read_base
from .errors import ServiceError
from .jobs import Jobs
from .models import Run, form_of, make_engine, model_unknown
from .operations import Operation, saved
from .samplers import Samplers, spare_engine
from .sampling import sample
from .storage import Place, Storage, tinker_path


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
        self.runs: dict[str, Run] = {}
        self.samplers = Samplers(self.storage, self.find_base)
        self.ready = False

    def restore(self) -> None:
        """Load the models that were not unloaded, each at its last whole checkpoint; then the service is ready."""
        for file in self.storage.runs.glob("*/model.json"):
            facts = json.loads(file.read_text())
            if facts.pop("unloaded"):
                continue
            try:
                self.restore_run(facts)
            except Exception as error:  # One model that cannot be restored must not take the others with it.
                self.log(f"model {facts['model_id']} is not restored: {error}")
        self.ready = True

    def restore_run(self, facts: dict[str, Any]) -> None:
        engine = make_engine(json.dumps(facts), self.settings.device, self.settings.bf16)
        run = Run(facts, engine.base, engine)
        for place, manifest in reversed(self.storage.checkpoints(run.model_id)):
            if place[1] != "weights":
                continue
            try:
                self.load(run, engine, place, optimizer=True)
            except ServiceError as error:
                self.log(f"checkpoint {place[2]} of {run.model_id} is passed over: {error}")
                continue
            run.restored_from, run.last = tinker_path(place), manifest["seq_id"]
            if manifest["digest"]:  # The answer to that save outlives the restart.
                answer = {"type": "save_weights", **saved(place, manifest)}
                self.jobs.submit(self.request_id(run.model_id, run.last), lambda: answer, manifest["digest"])
            break
        self.runs[run.model_id] = run
        self.sessions[facts["session_id"]] = time.monotonic()
        self.log(f"model {run.model_id} is restored from {run.restored_from or 'its base'}")

    # Sessions

    def create_session(self) -> str:
        self.expire()
        session_id = f"s-{secrets.token_hex(6)}"
        self.sessions[session_id] = time.monotonic()
        return session_id

    def touch(self, session_id: str) -> None:
        if session_id not in self.sessions:
            raise ServiceError("SESSION_UNKNOWN", f"There is no session '{session_id}'.")
        self.sessions[session_id] = time.monotonic()
        self.expire()

    def expire(self) -> None:
        for name in [name for name, seen in self.sessions.items() if time.monotonic() - seen > self.settings.session_timeout]:
            del self.sessions[name]
            for run in [run for run in self.runs.values() if run.facts["session_id"] == name]:
                self.log(f"session {name} had no heartbeat: model {run.model_id} is unloaded")
                self.unload(run)

    # Models

    def find_base(self, name: str) -> Base:
        return read_base(name, self.settings.bases.get(name, Path(name)))

    def create_model(self, body: CreateModel, digest: str) -> dict[str, Any]:
        request_id, lora = self.request_id(body.session_id, body.model_seq_id), body.lora_config
        model_id = f"m-{hashlib.sha256(request_id.encode()).hexdigest()[:12]}"
        answer = {"request_id": request_id, "model_id": model_id}
        if self.jobs.knows(request_id, digest):
            return answer
        base = self.find_base(body.base_model)
        facts = {"model_id": model_id, "session_id": body.session_id, **form_of(base, lora)}
        for key in ("base_sha256", "tokenizer_sha256"):
            if getattr(body, key) not in (None, facts[key]):
                raise ServiceError("BASE_MISMATCH", f"The {key} of '{base.name}' is {facts[key]}, not {getattr(body, key)}.")
        run = Run(facts, base)

        def work() -> dict[str, Any]:
            try:
                run.engine = Engine(base, lora, facts["seed"], self.settings.device, self.settings.bf16)
                self.write_facts(run, unloaded=False)
            except BaseException:
                self.runs.pop(model_id, None)
                raise
            return {**self.info(run), "type": "create_model"}

        self.jobs.submit(request_id, work, digest)
        self.runs[model_id] = run
        return answer

    def write_facts(self, run: Run, unloaded: bool) -> None:
        folder = self.storage.runs / run.model_id
        folder.mkdir(exist_ok=True)
        write_json(folder / "model.json", {**run.facts, "unloaded": unloaded})

    def run(self, model_id: str) -> Run:
        if model_id not in self.runs:
            raise model_unknown(model_id)
        run = self.runs[model_id]
        if run.facts["session_id"] in self.sessions:
            self.sessions[run.facts["session_id"]] = time.monotonic()
        return run

    def info(self, run: Run) -> dict[str, Any]:
        engine, lora = run.engine, run.facts["lora"] or {}
        counts = [sum(p.numel() for p in ps) for ps in (engine.network.parameters(), engine.trained.values())] if engine else [None, None]
        return {
            "type": "get_info", **run.facts, "lora_rank": lora.get("rank"), "lora_alpha": lora.get("alpha"),
            "model_data": {"arch": run.base.config["model_type"], "model_name": run.base.name, "tokenizer_id": run.base.tokenizer_sha256},
            "parameters": counts[0], "trainable_parameters": counts[1],
            "seq_id": run.last, "step": engine.step if engine else 0, "restored_from": run.restored_from, "boot_id": self.boot_id,
        }

    def request_id(self, owner: str, number: int | None) -> str:
        """Of a numbered call always the same, but after a restart another one: it must not meet an earlier result."""
        return f"{owner}-{number}-{self.boot_id}" if number is not None else f"{owner}-{secrets.token_hex(6)}"

    def call(self, body: Operation, digest: str) -> dict[str, Any]:
        """Queues an operation, once a number, and numbers without gaps."""
        run, number = self.run(body.model_id), body.seq_id
        request_id, following = self.request_id(body.model_id, number), run.last + 1
        if not self.jobs.knows(request_id, digest, expected=following):
            if number not in (None, following):
                code, what = ("SEQUENCE_GAP", "is not the next one") if number > following else ("SEQUENCE_FORGOTTEN", "is past and its result gone")
                raise ServiceError(code, f"Number {number} {what}; the next one is {following}.", expected=following)
            work = body.begin(self, run, digest)
            self.jobs.submit(request_id, lambda: {"type": body.route, **work()}, digest)
            run.last = number or run.last
        return {"request_id": request_id}

    def load(self, run: Run, engine: Engine, place: Place, optimizer: bool) -> None:
        """Everything is read and compared before anything is changed."""
        manifest = self.storage.read(place, check=True)
        if manifest["base_sha256"] != run.facts["base_sha256"]:
            raise ServiceError("CHECKPOINT_OTHER_BASE", f"{place[2]} was trained from {manifest['base_model']}, other weights.")
        if manifest["lora"] != run.facts["lora"]:
            raise ServiceError("CHECKPOINT_OTHER_FORM", f"{place[2]} has lora {manifest['lora']}, the model {run.facts['lora']}.")
        engine.load(self.storage.folder(place), manifest["step"], optimizer)

    def unload(self, run: Run) -> str:
        def work() -> dict[str, Any]:
            run.engine = None
            self.samplers.forget_versions(run)
            self.write_facts(run, unloaded=True)
            return {"type": "unload_model", "model_id": run.model_id, "status": "unloaded"}

        request_id = self.jobs.submit(self.request_id(run.model_id, None), work)
        del self.runs[run.model_id]
        return request_id

    # Samplers

    def sample(self, body: Sample, digest: str) -> dict[str, Any]:
        request_id = self.request_id(body.sampling_session_id or "asample", body.seq_id if body.sampling_session_id else None)
        if self.jobs.knows(request_id, digest):
            return {"request_id": request_id}
        sampler = self.samplers.find(body, body.sampling_session_id)
        facts = sampler.facts
        prompt = read_tokens(body.prompt, facts["vocabulary"], facts["context"], extra=body.sampling_params.max_tokens).tolist()

        def work() -> dict[str, Any]:
            run = self.runs.get(facts["model_id"])
            engine = run.loaded if run else spare_engine(json.dumps(facts), self.settings.device, self.settings.bf16)
            with engine.using(sampler.state()):
                return sample(engine, prompt, body)

        return {"request_id": self.jobs.submit(request_id, work, digest)}
