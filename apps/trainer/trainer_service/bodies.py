"""What comes in: the bodies' form (pydantic) and the datums' meaning (`read_examples`). Nothing here touches a model."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from .errors import ServiceError
from .losses import DEFAULT_CLIP, LOSSES


class Body(BaseModel):
    model_config = ConfigDict(strict=True, protected_namespaces=())


class Strict(Body):
    """Settings: an unknown one would silently do nothing, so it is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class TensorData(Body):
    data: list[float]


class Chunk(Body):
    type: Literal["encoded_text"] = "encoded_text"
    tokens: list[int]


class ModelInput(Body):
    chunks: list[Chunk]


class Datum(Body):
    model_input: ModelInput
    loss_fn_inputs: dict[str, TensorData]


class LossInput(Body):
    data: list[Datum]
    loss_fn: str
    loss_fn_config: dict[str, float] | None = None


class LoraConfig(Strict):
    rank: int = Field(ge=1, le=1024)
    alpha: float = Field(default=32, gt=0, le=65536)
    seed: int | None = Field(default=None, ge=0, lt=2**63)


class AdamParams(Strict):
    # The bounds keep every step finite: finite gradients, a denominator > 0, and a step of at most lr · √(1 / (1 − beta2)).
    learning_rate: float = Field(ge=0, le=1)
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.95, ge=0, lt=1)
    eps: float = Field(default=1e-8, ge=1e-12, le=1)
    weight_decay: float = Field(default=0, ge=0, le=1)
    grad_clip_norm: float = Field(default=0, ge=0, le=1e9)


class SamplingParams(Strict):
    max_tokens: int = Field(ge=1)
    temperature: float = Field(default=1, ge=0, le=100)
    top_k: int = -1
    top_p: float = Field(default=1, gt=0, le=1)
    stop: list[int] = []
    seed: int | None = Field(default=None, ge=0, lt=2**63)


class Session(Body):
    session_id: str


class CreateModel(Session):
    base_model: str
    lora_config: LoraConfig | None
    base_sha256: str | None = None
    tokenizer_sha256: str | None = None
    model_seq_id: int | None = None


class ModelId(Body):
    model_id: str


class Source(Body):
    """What to sample from; exactly one is named."""

    base_model: str | None = None
    model_path: str | None = None


class CreateSampler(Session, Source):
    pass


class Sample(Source):
    prompt: ModelInput
    sampling_params: SamplingParams
    num_samples: int = Field(default=1, ge=1, le=1024)
    prompt_logprobs: bool = False
    sampling_session_id: str | None = None
    seq_id: int | None = None


class Retrieve(Body):
    request_id: str
    timeout_seconds: float = Field(default=60, ge=0, le=300)


class WeightsInfo(Body):
    tinker_path: str


@dataclass(frozen=True)
class Example:
    """One datum; all arrays of one length, f32 but the two of ids."""

    tokens: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    logprobs: np.ndarray
    advantages: np.ndarray


def read_examples(body: LossInput, vocabulary: int, context: int) -> tuple[list[Example], dict[str, float]]:
    """The datums and the clip bounds, or the first thing that is wrong with them."""
    if body.loss_fn not in LOSSES:
        raise ServiceError("LOSS_UNKNOWN", f"There is no loss '{body.loss_fn}'.")
    clip = {**DEFAULT_CLIP, **(body.loss_fn_config or {})}
    takes_clip = body.loss_fn in ("ppo", "cispo")
    if (body.loss_fn_config and not takes_clip) or len(clip) > 2 or not 0 <= clip["clip_low_threshold"] <= clip["clip_high_threshold"] < 1e9:
        raise ServiceError("LOSS_CONFIG_INVALID", f"The settings {body.loss_fn_config} do not fit {body.loss_fn}.")
    if not body.data:
        raise ServiceError("DATA_EMPTY", "There are no datums.")
    return [read_example(number, datum, body.loss_fn, vocabulary, context) for number, datum in enumerate(body.data)], clip


def read_example(number: int, datum: Datum, loss: str, vocabulary: int, context: int) -> Example:
    tokens = read_tokens(datum.model_input, vocabulary, context)
    inputs = {key: value.data for key, value in datum.loss_fn_inputs.items()}
    if unknown := set(inputs) - {"target_tokens", "weights", "logprobs", "advantages"}:
        raise ServiceError("INPUT_UNKNOWN", f"Datum {number} has {sorted(unknown)}.")
    if missing := {"target_tokens", *(["weights"] if loss == "cross_entropy" else ["logprobs", "advantages"])} - set(inputs):
        raise ServiceError("INPUT_MISSING", f"Datum {number} lacks {sorted(missing)}, which {loss} needs.")
    arrays = {"weights": np.ones(len(tokens), np.float32), "logprobs": np.zeros(len(tokens), np.float32), "advantages": np.zeros(len(tokens), np.float32)}
    for key, values in inputs.items():
        if len(values) != len(tokens):
            raise ServiceError("LENGTH_MISMATCH", f"Datum {number} has {len(tokens)} tokens and {len(values)} {key}.")
        with np.errstate(over="ignore"):
            arrays[key] = np.asarray(values, np.float32)
        if not np.isfinite(arrays[key]).all():
            raise ServiceError("VALUE_NOT_FINITE", f"Datum {number} has a NaN or an infinity in {key}.")
    if (arrays["logprobs"] > 0).any():
        raise ServiceError("LOGPROB_POSITIVE", f"Datum {number} has a log-probability above 0.")
    targets = read_ids(inputs["target_tokens"], vocabulary)
    return Example(tokens, targets, arrays["weights"], arrays["logprobs"], arrays["advantages"])


def read_tokens(model_input: ModelInput, vocabulary: int, context: int, extra: int = 0) -> np.ndarray:
    tokens = read_ids([token for chunk in model_input.chunks for token in chunk.tokens], vocabulary)
    if not len(tokens):
        raise ServiceError("DATA_EMPTY", "There are no tokens.")
    if len(tokens) + extra > context:
        what = f"{len(tokens)} tokens" + (f" and {extra} new ones" if extra else "")
        raise ServiceError("CONTEXT_EXCEEDED", f"{what} do not fit a context of {context}.")
    return tokens


def read_ids(ids: list[int] | list[float], vocabulary: int) -> np.ndarray:
    values = np.asarray(ids, np.float64)
    wrong = values[(values < 0) | (values >= vocabulary) | (values != np.floor(values))]
    if len(wrong):
        raise ServiceError("TOKEN_OUT_OF_RANGE", f"The token id {wrong[0]:g} is not in the vocabulary of {vocabulary}.")
    return values.astype(np.int64)


def read_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", name):
        raise ServiceError("NAME_INVALID", f"'{name}' cannot name a checkpoint.")
    return name


def read_path(path: str, *kinds: str) -> tuple[str, str, str]:
    """`tinker://MODEL/weights/NAME` → (MODEL, weights, NAME)."""
    parts = path.removeprefix("tinker://").split("/")
    if not path.startswith("tinker://") or len(parts) != 3 or parts[1] not in kinds:
        raise ServiceError("PATH_INVALID", f"'{path}' is not a path of {' or '.join(kinds)}.")
    return read_name(parts[0]), parts[1], read_name(parts[2])
