"""The routes of apps/trainer/README.md."""

from __future__ import annotations

import hmac
import json
import secrets
import traceback
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from .bodies import LossInput, read_examples, read_name, read_path, read_tokens
from .checkpoints import form, load_checkpoint, save_checkpoint
from .errors import ServiceError, from_exception
from .jobs import Numbers
from .requests import (
    CreateModel,
    CreateSampler,
    Forward,
    ForwardBackward,
    Load,
    ModelBody,
    OptimStep,
    Retrieve,
    Sample,
    Save,
    SaveForSampler,
    SessionBody,
    WeightsInfo,
)
from .sampling import sample
from .service import Service, digest_of
from .storage import KINDS

MAXIMUM_BODY = 64 * 2**20


def make_app(service: Service, token: str) -> FastAPI:
    app = FastAPI(title="trainer service", docs_url=None, redoc_url=None)

    def answer(error: ServiceError) -> JSONResponse:
        return JSONResponse(error.body, error.status, {"Retry-After": "1"} if error.status == 429 else None)

    @app.middleware("http")
    async def guard(request: Request, proceed: Any) -> Response:
        if request.url.path == "/api/v1/healthz":
            return await proceed(request)
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            return answer(ServiceError(401, "TOKEN_WRONG", "The bearer token is missing or wrong.", "It stands in .skillrl/trainer.json."))
        if not service.ready:
            return answer(starting())
        length = request.headers.get("content-length", "0" if request.method in ("GET", "DELETE") else "")
        if not length.isdigit() or int(length) > MAXIMUM_BODY:
            return answer(ServiceError(413, "BATCH_TOO_LARGE", "The body exceeds 64 MiB, or has no content-length.", "Send several forward_backward calls: they add up."))
        return await proceed(request)

    @app.exception_handler(ServiceError)
    async def refuse(_: Request, error: ServiceError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def refuse_form(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        return answer(ServiceError(422, "BODY_INVALID", f"{place or 'body'}: {first['msg']}", "See apps/trainer/README.md for the form."))

    @app.exception_handler(HTTPException)
    async def refuse_route(request: Request, error: HTTPException) -> JSONResponse:
        code = "BODY_INVALID" if error.status_code == 400 else "ROUTE_UNKNOWN"
        return answer(ServiceError(error.status_code, code, f"{request.method} {request.url.path}: {error.detail}", "See apps/trainer/README.md."))

    @app.exception_handler(Exception)
    async def fail(_: Request, error: Exception) -> JSONResponse:
        service.log("".join(traceback.format_exception(error)))
        known = from_exception(error)
        return JSONResponse(known.body, 500)

    app.include_router(make_routes(service), prefix="/api/v1")
    return app


def starting() -> ServiceError:
    return ServiceError(503, "STARTING", "Models are being loaded.", "Try again in a second.")


def make_routes(service: Service) -> APIRouter:
    routes = APIRouter()

    def future(request_id: str, **more: Any) -> dict[str, Any]:
        return {"request_id": request_id, **more}

    @routes.get("/healthz")
    async def healthz() -> dict[str, Any]:
        if not service.ready:
            raise starting()
        return {"status": "ready", "boot_id": service.boot_id, "device": service.settings.device}

    @routes.post("/create_session")
    async def create_session() -> dict[str, Any]:
        return {"type": "create_session", "session_id": service.create_session()}

    @routes.post("/session_heartbeat")
    async def session_heartbeat(body: SessionBody) -> dict[str, Any]:
        service.touch(body.session_id)
        return {"type": "session_heartbeat"}

    @routes.post("/create_model")
    async def create_model(body: CreateModel) -> dict[str, Any]:
        service.touch(body.session_id)
        base = await run_in_threadpool(service.find_base, body.base_model)
        for key in ("base_sha256", "tokenizer_sha256"):
            asked, found = getattr(body, key), form(base, None)[key]
            if asked is not None and asked != found:
                raise ServiceError(409, "BASE_MISMATCH", f"The {key} of '{base.name}' is {found}, not {asked}.", "Give sampler and trainer the same model.")
        if body.lora_config and not (body.lora_config.train_attn or body.lora_config.train_mlp):
            raise ServiceError(422, "BODY_INVALID", "lora_config: neither attention nor MLP is trained.", "Switch one on.")
        numbers = service.session_numbers.setdefault(body.session_id, Numbers())
        digest = digest_of("create_model", body)
        known = numbers.known(body.model_seq_id, digest, in_order=False) if body.model_seq_id is not None else None
        model_id, request_id = known.split() if known else service.create_model(body.session_id, base, body.lora_config)
        if body.model_seq_id is not None:
            numbers.accept(body.model_seq_id, digest, f"{model_id} {request_id}")
        return future(request_id, model_id=model_id, type="create_model", status="created")

    @routes.post("/get_info")
    async def get_info(body: ModelBody) -> dict[str, Any]:
        return service.info(service.run(body.model_id))

    @routes.post("/unload_model")
    async def unload_model(body: ModelBody) -> dict[str, Any]:
        return future(service.unload(service.run(body.model_id)), model_id=body.model_id)

    def compute(kind: str, body: Forward | ForwardBackward, given: LossInput) -> dict[str, Any]:
        run, backward = service.run(body.model_id), kind == "forward_backward"
        check = lambda: read_examples(given, run.base.vocabulary, run.base.context)  # noqa: E731
        work = lambda engine, checked: {"type": kind, **engine.run(checked[0], given.loss_fn, checked[1], backward)}  # noqa: E731
        return future(service.call(run, kind, body, body.seq_id, check, work))

    @routes.post("/forward")
    async def forward(body: Forward) -> dict[str, Any]:
        return compute("forward", body, body.forward_input)

    @routes.post("/forward_backward")
    async def forward_backward(body: ForwardBackward) -> dict[str, Any]:
        return compute("forward_backward", body, body.forward_backward_input)

    @routes.post("/optim_step")
    async def optim_step(body: OptimStep) -> dict[str, Any]:
        run = service.run(body.model_id)
        return future(service.call(run, "optim_step", body, body.seq_id, lambda: None, lambda engine, _: engine.optim_step(body.adam_params)))

    def save(body: Save | SaveForSampler, kind: str, route: str) -> dict[str, Any]:
        run, name = service.run(body.model_id), body.path
        assert name is not None
        digest = digest_of(route, body) if body.seq_id is not None else None
        place = (run.model_id, kind, read_name(name))
        work = lambda engine, _: save_checkpoint(service.storage, place, engine, run.executed, digest)  # noqa: E731
        return future(service.call(run, route, body, body.seq_id, lambda: service.storage.refuse_existing(place), work))

    @routes.post("/save_weights")
    async def save_weights(body: Save) -> dict[str, Any]:
        return save(body, "weights", "save_weights")

    @routes.post("/save_weights_for_sampler")
    async def save_weights_for_sampler(body: SaveForSampler) -> dict[str, Any]:
        if body.path is not None:
            return save(body, "sampler_weights", "save_weights_for_sampler")
        run = service.run(body.model_id)
        work = lambda engine, _: service.samplers.keep_ephemeral(run, engine)  # noqa: E731
        return future(service.call(run, "save_weights_for_sampler", body, body.seq_id, lambda: None, work))

    @routes.post("/load_weights")
    async def load_weights(body: Load) -> dict[str, Any]:
        def check() -> tuple[str, str, str]:
            place = read_path(body.path, ("weights",))
            service.storage.read(place)
            return place

        work = lambda engine, place: load_checkpoint(service.storage, place, engine, body.optimizer)  # noqa: E731
        return future(service.call(service.run(body.model_id), "load_weights", body, body.seq_id, check, work))

    def find_source(body: CreateSampler | Sample) -> tuple[str, Any]:
        session = getattr(body, "sampling_session_id", None)
        if sum(value is not None for value in (session, body.base_model, body.model_path)) != 1:
            raise ServiceError(400, "SAMPLER_AMBIGUOUS", "Not exactly one thing to sample from is named.", "Send sampling_session_id, model_path or base_model.")
        if session is not None:
            return service.samplers.source(session)
        if body.base_model is not None:
            return "base", service.find_base(body.base_model)
        place = read_path(body.model_path or "", ("sampler_weights",))
        service.storage.read(place)
        return "path", place

    @routes.post("/create_sampling_session")
    async def create_sampling_session(body: CreateSampler) -> dict[str, Any]:
        service.touch(body.session_id)
        name = f"p-{secrets.token_hex(6)}"
        service.samplers.sessions[name] = await run_in_threadpool(find_source, body)
        return {"type": "create_sampling_session", "sampling_session_id": name}

    @routes.post("/asample")
    async def asample(body: Sample) -> dict[str, Any]:
        number = body.seq_id if body.sampling_session_id is not None else None
        numbers = service.session_numbers.setdefault(body.sampling_session_id or "", Numbers())
        digest = digest_of("asample", body)
        known = numbers.known(number, digest, in_order=False) if number is not None else None
        if known:
            return future(known)
        source = await run_in_threadpool(find_source, body)
        base = await run_in_threadpool(service.samplers.base_of, source)
        prompt = read_tokens(body.prompt, base.vocabulary, base.context, extra=body.sampling_params.max_tokens)

        def work() -> dict[str, Any]:
            engine, state = service.samplers.engine_of(source, body.sampling_session_id)
            with engine.using(state):
                return sample(engine, prompt, body.num_samples, body.sampling_params, body.prompt_logprobs)

        request_id = service.jobs.submit("asample", work)
        if number is not None:
            numbers.accept(number, digest, request_id)
        return future(request_id)

    @routes.post("/retrieve_future")
    async def retrieve_future(body: Retrieve) -> Response:
        return Response(await service.jobs.result(body.request_id, body.timeout_seconds), media_type="application/json")

    @routes.get("/training_runs")
    async def training_runs() -> dict[str, Any]:
        saved = [json.loads(file.read_text()) for file in sorted(service.storage.runs.glob("*/model.json"))]
        keys = ("base_model", "is_lora", "lora")
        return {"training_runs": [{"training_run_id": s["model_id"], "loaded": s["model_id"] in service.runs, **{key: s[key] for key in keys}} for s in saved]}

    @routes.get("/training_runs/{model_id}/checkpoints")
    def checkpoints(model_id: str) -> dict[str, Any]:
        return {"checkpoints": [describe(place, manifest) for place, manifest in service.storage.checkpoints(read_name(model_id))]}

    @routes.get("/training_runs/{model_id}/checkpoints/{kind}/{name}/archive")
    def archive(model_id: str, kind: str, name: str) -> Response:
        path = service.storage.archive(read_path(f"tinker://{model_id}/{kind}/{name}", tuple(KINDS)))
        return FileResponse(path, media_type="application/gzip", filename=f"{name}.tar.gz", background=BackgroundTask(path.unlink))

    @routes.delete("/training_runs/{model_id}/checkpoints/{kind}/{name}", status_code=204)
    def delete(model_id: str, kind: str, name: str) -> None:
        service.storage.delete(read_path(f"tinker://{model_id}/{kind}/{name}", tuple(KINDS)))

    @routes.post("/weights_info")
    async def weights_info(body: WeightsInfo) -> dict[str, Any]:
        return {**service.storage.read(read_path(body.tinker_path, tuple(KINDS))), "type": "weights_info"}

    return routes


def describe(place: tuple[str, str, str], manifest: dict[str, Any]) -> dict[str, Any]:
    size = sum(file["bytes"] for file in manifest["files"].values())
    facts = {"checkpoint_type": manifest["type"], "time": manifest["saved_at"], "size_bytes": size}
    return {"checkpoint_id": f"{place[1]}/{place[2]}", "tinker_path": f"tinker://{'/'.join(place)}", **facts}
