"""The routes of apps/trainer/README.md."""

import hashlib
import hmac
import json
import traceback
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from .bodies import CreateModel, CreateSampler, ModelId, Retrieve, Sample, Session, WeightsInfo, read_name, read_path
from .errors import ServiceError, from_exception
from .operations import OPERATIONS, Operation
from .service import Service
from .storage import KINDS, tinker_path

MAXIMUM_BODY = 64 * 2**20


def make_app(service: Service, token: str) -> FastAPI:
    app = FastAPI(title="trainer service", docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def guard(request: Request, proceed: Any) -> Response:
        refusal = None if request.url.path == "/api/v1/healthz" else refuse(request)
        return answer(refusal) if refusal else await proceed(request)

    def refuse(request: Request) -> ServiceError | None:
        """Before the body is read."""
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            return ServiceError("TOKEN_WRONG", "The bearer token is missing or wrong.")
        if not service.ready:
            return starting()
        length = request.headers.get("content-length", "0" if request.method in ("GET", "DELETE") else "")
        if not length.isdigit() or int(length) > MAXIMUM_BODY:
            return ServiceError("BATCH_TOO_LARGE", "The body exceeds 64 MiB, or has no content-length.")
        return None

    @app.exception_handler(ServiceError)
    @app.exception_handler(RequestValidationError)
    @app.exception_handler(HTTPException)
    @app.exception_handler(Exception)
    async def explain(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, RequestValidationError):
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"][1:])
            error = ServiceError("BODY_INVALID", f"{place or 'body'}: {first['msg']}")
        if isinstance(error, HTTPException):
            code = "BODY_INVALID" if error.status_code == 400 else "ROUTE_UNKNOWN"
            error = ServiceError(code, f"{request.method} {request.url.path}: {error.detail}")
        if not isinstance(error, ServiceError):
            service.log("".join(traceback.format_exception(error)))
            return JSONResponse(from_exception(error).body, 500)
        return answer(error)

    app.include_router(make_routes(service), prefix="/api/v1")
    return app


def answer(error: ServiceError) -> JSONResponse:
    return JSONResponse(error.body, error.status, {"Retry-After": "1"} if error.status == 429 else None)


def starting() -> ServiceError:
    return ServiceError("STARTING", "Models are being loaded.")


async def digest_of(request: Request) -> str:
    return hashlib.sha256(request.url.path.encode() + b" " + await request.body()).hexdigest()


Digest = Annotated[str, Depends(digest_of)]


def make_routes(service: Service) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> dict[str, Any]:
        if not service.ready:
            raise starting()
        return {"status": "ready", "boot_id": service.boot_id, "device": service.settings.device}

    @routes.post("/create_session")
    async def create_session() -> dict[str, Any]:
        return {"type": "create_session", "session_id": service.create_session()}

    @routes.post("/session_heartbeat")
    async def session_heartbeat(body: Session) -> dict[str, Any]:
        service.touch(body.session_id)
        return {"type": "session_heartbeat"}

    @routes.post("/create_model")
    async def create_model(body: CreateModel, digest: Digest) -> dict[str, Any]:
        service.touch(body.session_id)
        return service.create_model(body, digest)

    @routes.post("/get_info")
    async def get_info(body: ModelId) -> dict[str, Any]:
        return service.info(service.run(body.model_id))

    @routes.post("/unload_model")
    async def unload_model(body: ModelId) -> dict[str, Any]:
        return {"request_id": service.unload(service.run(body.model_id)), "model_id": body.model_id}

    def add_operation(form: type[Operation]) -> None:
        @routes.post(f"/{form.route}", name=form.route)
        async def call(body: form, digest: Digest) -> dict[str, Any]:  # type: ignore[valid-type]
            return service.call(body, digest)

    for form in OPERATIONS:
        add_operation(form)

    @routes.post("/create_sampling_session")
    async def create_sampling_session(body: CreateSampler) -> dict[str, Any]:
        service.touch(body.session_id)
        return {"type": "create_sampling_session", "sampling_session_id": service.samplers.name(service.samplers.find(body))}

    @routes.post("/asample")
    async def asample(body: Sample, digest: Digest) -> dict[str, Any]:
        return service.sample(body, digest)

    @routes.post("/retrieve_future")
    async def retrieve_future(body: Retrieve) -> Response:
        return Response(await service.jobs.result(body.request_id, body.timeout_seconds), media_type="application/json")

    @routes.get("/training_runs")
    async def training_runs() -> dict[str, Any]:
        runs = [json.loads(file.read_text()) for file in sorted(service.storage.runs.glob("*/model.json"))]
        return {"training_runs": [{**facts, "training_run_id": facts["model_id"], "loaded": facts["model_id"] in service.runs} for facts in runs]}

    @routes.get("/training_runs/{model_id}/checkpoints")
    def checkpoints(model_id: str) -> dict[str, Any]:
        return {"checkpoints": [describe(place, manifest) for place, manifest in service.storage.checkpoints(read_name(model_id))]}

    @routes.get("/training_runs/{model_id}/checkpoints/{kind}/{name}/archive")
    def archive(model_id: str, kind: str, name: str) -> Response:
        path = service.storage.archive(read_path(f"tinker://{model_id}/{kind}/{name}", *KINDS))
        return FileResponse(path, media_type="application/gzip", filename=f"{name}.tar.gz", background=BackgroundTask(path.unlink))

    @routes.delete("/training_runs/{model_id}/checkpoints/{kind}/{name}", status_code=204)
    def delete(model_id: str, kind: str, name: str) -> None:
        service.storage.delete(read_path(f"tinker://{model_id}/{kind}/{name}", *KINDS))

    @routes.post("/weights_info")
    async def weights_info(body: WeightsInfo) -> dict[str, Any]:
        return {**service.storage.read(read_path(body.tinker_path, *KINDS)), "type": "weights_info"}

    return routes


def describe(place: tuple[str, str, str], manifest: dict[str, Any]) -> dict[str, Any]:
    size = sum(file["bytes"] for file in manifest["files"].values())
    facts = {"checkpoint_type": KINDS[place[1]], "time": manifest["saved_at"], "size_bytes": size}
    return {"checkpoint_id": f"{place[1]}/{place[2]}", "tinker_path": tinker_path(place), **facts}
