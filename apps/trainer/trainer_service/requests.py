"""The body of each route."""

from __future__ import annotations

from pydantic import Field

from .bodies import AdamParams, Body, LoraConfig, LossInput, ModelInput, SamplingParams


class SessionBody(Body):
    session_id: str


class ModelBody(Body):
    model_id: str
    seq_id: int | None = Field(default=None, ge=1)


class NumberedBody(Body):
    model_id: str
    seq_id: int = Field(ge=1)


class CreateModel(SessionBody):
    base_model: str
    lora_config: LoraConfig | None
    base_sha256: str | None = None
    tokenizer_sha256: str | None = None
    model_seq_id: int | None = None


class Forward(ModelBody):
    forward_input: LossInput


class ForwardBackward(NumberedBody):
    forward_backward_input: LossInput


class OptimStep(NumberedBody):
    adam_params: AdamParams


class Save(ModelBody):
    path: str


class SaveForSampler(ModelBody):
    path: str | None = None
    sampling_session_seq_id: int | None = None


class Load(ModelBody):
    path: str
    optimizer: bool = True


class CreateSampler(SessionBody):
    base_model: str | None = None
    model_path: str | None = None


class Sample(Body):
    prompt: ModelInput
    sampling_params: SamplingParams
    num_samples: int = Field(default=1, ge=1, le=1024)
    prompt_logprobs: bool = False
    sampling_session_id: str | None = None
    base_model: str | None = None
    model_path: str | None = None
    seq_id: int | None = None


class Retrieve(Body):
    request_id: str
    timeout_seconds: float = Field(default=60, ge=0, le=300)


class WeightsInfo(Body):
    tinker_path: str
