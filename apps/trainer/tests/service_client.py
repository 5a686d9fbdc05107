"""A client of the service without a socket, and toy bodies."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from trainer_service.app import make_app
from trainer_service.service import Service, Settings

TOKEN = "secret"


class Client:
    """Numbers its calls by itself; `status` and `error` are those of the last answer."""

    def __init__(self, folder: Path, bases: dict[str, Path], **settings: Any):
        self.service = Service(Settings(folder, bases, **settings), log=lambda line: None)
        self.service.restore()
        self.http = TestClient(make_app(self.service, TOKEN), headers={"authorization": f"Bearer {TOKEN}"}, raise_server_exceptions=False)
        self.model_id, self.number = "", 0

    def post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(f"/api/v1{route}", json=body)
        self.status = answer.status_code
        data = answer.json()
        self.error = data["error"]["code"] if "error" in data else None
        return data

    def wait(self, answer: dict[str, Any]) -> dict[str, Any]:
        assert "request_id" in answer, answer
        return self.post("/retrieve_future", {"request_id": answer["request_id"]})

    def start(self, lora: dict[str, Any] | None = None, base: str = "toy") -> "Client":
        self.session_id = self.post("/create_session", {})["session_id"]
        info = self.wait(self.post("/create_model", {"session_id": self.session_id, "base_model": base, "lora_config": lora}))
        assert self.error is None, info
        self.model_id, self.number = info["model_id"], 0
        return self

    def send(self, route: str, **body: Any) -> dict[str, Any]:
        """A numbered call, not awaited."""
        answer = self.post(route, {"model_id": self.model_id, "seq_id": self.number + 1, **body})
        self.number += self.error is None
        return answer

    def call(self, route: str, **body: Any) -> dict[str, Any]:
        return self.wait(self.send(route, **body))

    def train(self, data: list[dict[str, Any]], loss: str = "cross_entropy", rate: float = 1e-3) -> None:
        self.call("/forward_backward", forward_backward_input={"data": data, "loss_fn": loss})
        assert self.error is None
        self.call("/optim_step", adam_params={"learning_rate": rate})
        assert self.error is None

    def logprobs(self, data: list[dict[str, Any]]) -> list[list[float]]:
        outputs = self.call("/forward", forward_input={"data": data, "loss_fn": "cross_entropy"})["loss_fn_outputs"]
        return [output["logprobs"]["data"] for output in outputs]

    def weights(self) -> dict[str, Any]:
        engine = self.service.runs[self.model_id].engine
        assert engine is not None
        return engine.state()


def toy_datum(seed: int, length: int = 12, **replaced: list[float]) -> dict[str, Any]:
    draw = random.Random(seed)
    ids = [draw.randrange(256) for _ in range(length + 1)]
    inputs = {
        "target_tokens": ids[1:],
        "weights": [float(place % 3 > 0) for place in range(length)],
        "logprobs": [-draw.random() * 8 for _ in range(length)],
        "advantages": [draw.uniform(-1, 1) for _ in range(length)],
        **replaced,
    }
    return {"model_input": {"chunks": [{"type": "encoded_text", "tokens": ids[:-1]}]}, "loss_fn_inputs": {key: {"data": value} for key, value in inputs.items()}}


def prompt(ids: list[int]) -> dict[str, Any]:
    return {"chunks": [{"type": "encoded_text", "tokens": ids}]}
