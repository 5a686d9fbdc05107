"""The numbered calls to a model, one class a route: what it takes, what it refuses, what it does.

`begin` runs when the call comes in, and only when its number is new: it refuses, or returns the work, which the queue does later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from .bodies import AdamParams, Body, LossInput, read_examples, read_name, read_path
from .errors import ServiceError
from .export import export_model
from .storage import Place, tinker_path

if TYPE_CHECKING:
    from .models import Run
    from .service import Service

Work = Callable[[], dict[str, Any]]


class Operation(Body):
    route: ClassVar[str]
    model_id: str
    seq_id: int | None = Field(default=None, ge=1)

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        raise NotImplementedError


class Forward(Operation):
    route = "forward"
    forward_input: LossInput

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        return compute(run, self.forward_input, backward=False)


class ForwardBackward(Operation):
    route = "forward_backward"
    seq_id: int = Field(ge=1)
    forward_backward_input: LossInput

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        return compute(run, self.forward_backward_input, backward=True)


def compute(run: Run, given: LossInput, backward: bool) -> Work:
    examples, clip = read_examples(given, run.base.vocabulary, run.base.context)
    return lambda: run.loaded.run(examples, given.loss_fn, clip, backward)


class OptimStep(Operation):
    route = "optim_step"
    seq_id: int = Field(ge=1)
    adam_params: AdamParams

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        return lambda: run.loaded.optim_step(self.adam_params)


class SaveWeights(Operation):
    route = "save_weights"
    path: str

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        return save(service, run, ("weights", self.path), self.seq_id, digest)


class SaveWeightsForSampler(Operation):
    route = "save_weights_for_sampler"
    path: str | None = None

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        if self.path is None:
            return lambda: {"path": None, "sampling_session_id": service.samplers.keep_version(run)}
        work = save(service, run, ("sampler_weights", self.path), self.seq_id, digest)
        return lambda: {**work(), "sampling_session_id": None}


def save(service: Service, run: Run, into: tuple[str, str], number: int | None, digest: str) -> Work:
    kind, name = into[0], read_name(into[1])
    place = (run.model_id, kind, name)
    service.storage.refuse_existing(place)
    # What was accepted before this call is computed before it, so `last` is what the weights will have seen.
    numbers = {"seq_id": number or run.last, "digest": number and digest}

    def work() -> dict[str, Any]:
        engine = run.loaded
        if kind == "weights" and engine.gradient is not None:
            raise ServiceError("GRADIENT_PENDING", "A gradient is accumulated, which a checkpoint does not hold.")
        facts = {"name": name, **run.exported(), "step": engine.step, **numbers}
        write = engine.save if kind == "weights" else lambda folder: export_model(engine, folder, facts)
        return saved(place, service.storage.write(place, facts, write))

    return work


def saved(place: Place, manifest: dict[str, Any]) -> dict[str, Any]:
    return {"path": tinker_path(place), "sha256": manifest["files"]["state.safetensors"]["sha256"]}


class LoadWeights(Operation):
    route = "load_weights"
    path: str
    optimizer: bool = True

    def begin(self, service: Service, run: Run, digest: str) -> Work:
        place = read_path(self.path, "weights")
        service.storage.read(place)

        def work() -> dict[str, Any]:
            service.load(run, run.loaded, place, self.optimizer)
            return {"path": self.path, "step": run.loaded.step}

        return work


OPERATIONS: tuple[type[Operation], ...] = (Forward, ForwardBackward, OptimStep, SaveWeights, SaveWeightsForSampler, LoadWeights)
