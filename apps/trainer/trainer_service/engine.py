"""A model that can be trained: transformers' network, PEFT's LoRA on it or all parameters, AdamW, and its random numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig as PeftConfig
from peft import get_peft_model
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

from policy_trainer.export import sha256

from .bodies import AdamParams, Example, LoraConfig, as_json
from .errors import ServiceError
from .losses import token_losses

disable_progress_bar()

# Their logits are one matrix product of the last states: no scaling, no cap.
ARCHITECTURES = ("llama", "mistral", "qwen2", "qwen3")


@dataclass(frozen=True)
class Base:
    """The untrained weights, a folder in the form of Hugging Face."""

    name: str
    folder: Path
    config: dict[str, Any]
    sha256: str
    tokenizer_sha256: str | None

    @property
    def vocabulary(self) -> int:
        return self.config["vocab_size"]

    @property
    def context(self) -> int:
        return self.config["max_position_embeddings"]


def read_base(name: str, folder: Path) -> Base:
    weights = sorted(folder.glob("*.safetensors"))
    if not (folder / "config.json").is_file() or not weights:
        hint = "Name a folder with config.json and *.safetensors, or one given with --base. Nothing is downloaded."
        raise ServiceError(400, "BASE_UNKNOWN", f"There is no base model '{name}'.", hint)
    config = json.loads((folder / "config.json").read_text())
    if config.get("model_type") not in ARCHITECTURES:
        raise ServiceError(400, "BASE_UNSUPPORTED", f"'{name}' is a {config.get('model_type')}.", f"Use one of {', '.join(ARCHITECTURES)}.")
    tokenizer = folder / "tokenizer.json"
    hashes = " ".join(sha256(file) for file in weights)
    return Base(name, folder, config, hashes, sha256(tokenizer) if tokenizer.is_file() else None)


class Engine:
    """Used by one thread at a time. `device` is `cpu` or `cuda`; with bf16 the weights stay f32 and the arithmetic is autocast."""

    def __init__(self, base: Base, lora: LoraConfig | None, seed: int, device: str, bf16: bool):
        self.base, self.lora, self.device, self.bf16 = base, lora, device, bf16
        torch.manual_seed(seed)
        self.network = AutoModelForCausalLM.from_pretrained(base.folder, dtype=torch.float32, local_files_only=True).to(device).eval()
        self.peft = None
        if lora:
            modules = ["q_proj", "k_proj", "v_proj", "o_proj"] * lora.train_attn + ["gate_proj", "up_proj", "down_proj"] * lora.train_mlp
            adapter = PeftConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0, target_modules=modules, task_type="CAUSAL_LM")
            self.peft = get_peft_model(self.network, adapter).eval()
        self.decoder, self.head = self.network.get_decoder(), self.network.get_output_embeddings()
        self.trained = {name: p for name, p in self.network.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.AdamW(self.trained.values())
        self.gradient: list[Tensor] | None = None
        self.step = 0
        self.generator = torch.Generator(device).manual_seed(seed)

    def batch_tokens(self) -> int:
        """Few on a CPU, whose caches they should fit; the logits of a batch stay below a gigabyte."""
        return min(3072 if self.device == "cpu" else 16_384, 2**28 // self.base.vocabulary)

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.bf16)

    def run(self, examples: list[Example], loss: str, clip: dict[str, float], backward: bool) -> dict[str, Any]:
        """Log-probabilities and losses of each example; with `backward` their gradient is added, whole or not at all."""
        outputs: list[Any] = [None] * len(examples)
        gradient: list[Tensor] | None = None
        for rows in plan_batches([len(example.tokens) for example in examples], self.batch_tokens()):
            batch = [examples[row] for row in rows]
            p, weighted = self.run_batch(batch, loss, clip, backward)
            if backward and weighted.requires_grad:
                new = torch.autograd.grad(weighted.sum(), list(self.trained.values()), allow_unused=True, materialize_grads=True)
                gradient = list(new) if gradient is None else torch._foreach_add(gradient, new)
            ends = np.cumsum([len(example.tokens) for example in batch])[:-1].tolist()
            values, losses = (torch.tensor_split(x.detach().cpu(), ends) for x in (p, weighted))
            for row, value, its_loss in zip(rows, values, losses):
                outputs[row] = (value, its_loss)
        total = sum(float(its_loss.double().sum()) for _, its_loss in outputs)
        if not np.isfinite(total) or not all(value.isfinite().all() for value, _ in outputs) or (gradient and not norm(gradient).isfinite()):
            raise ServiceError(400, "LOSS_NOT_FINITE", "The loss or its gradient is not finite; nothing was added.", "Look for extreme advantages or logprobs.")
        if backward:
            zeros = [torch.zeros_like(p) for p in self.trained.values()] if gradient is None else gradient
            self.gradient = list(zeros) if self.gradient is None else torch._foreach_add(self.gradient, zeros)
        return {
            "loss_fn_output_type": "scalar",
            "loss_fn_outputs": [{"logprobs": as_json(p.tolist()), "elementwise_loss": as_json(its_loss.tolist())} for p, its_loss in outputs],
            "metrics": {
                "loss:sum": total,
                "weight:sum": float(sum(example.weights.sum() for example in examples)),
                "tokens:sum": sum(len(example.tokens) for example in examples),
            },
        }

    def run_batch(self, batch: list[Example], loss: str, clip: dict[str, float], backward: bool) -> tuple[Tensor, Tensor]:
        """Log-probability and weighted loss of every position, the examples end to end."""
        longest = max(len(example.tokens) for example in batch)
        ids = np.zeros((len(batch), longest), np.int64)
        for row, example in enumerate(batch):
            ids[row, : len(example.tokens)] = example.tokens
        real = torch.arange(longest)[None] < torch.tensor([len(example.tokens) for example in batch])[:, None]
        join = lambda key: torch.from_numpy(np.concatenate([getattr(example, key) for example in batch])).to(self.device)  # noqa: E731
        targets, weights, old, advantages = join("targets"), join("weights"), join("logprobs"), join("advantages")
        # Padding lies to the right, and attention is causal: no mask is needed.
        with torch.set_grad_enabled(backward):
            with self.autocast():
                hidden = self.decoder(input_ids=torch.from_numpy(ids).to(self.device), use_cache=False).last_hidden_state[real.to(self.device)]
            # Only positions that bear on the loss get a gradient, so the others' logits need not be kept.
            active = (weights != 0) & ((advantages != 0) | (loss == "cross_entropy"))
            with torch.no_grad():
                idle = self.log_probabilities(hidden[~active], targets[~active])
            p = torch.zeros_like(old, dtype=idle.dtype).masked_scatter(~active, idle)
            p = p.masked_scatter(active, self.log_probabilities(hidden[active], targets[active]))
            return p, weights * token_losses(loss, p, old, advantages, clip)

    def log_probabilities(self, hidden: Tensor, targets: Tensor) -> Tensor:
        with self.autocast():
            logits = self.head(hidden)
        return -F.cross_entropy(logits.to(torch.promote_types(logits.dtype, torch.float32)), targets, reduction="none")

    def optim_step(self, adam: AdamParams) -> dict[str, Any]:
        if self.gradient is None:
            raise ServiceError(400, "GRADIENT_MISSING", "No gradient was accumulated since the last step.", "Call forward_backward first.")
        size = norm(self.gradient)
        if adam.grad_clip_norm > 0:
            torch._foreach_mul_(self.gradient, (adam.grad_clip_norm / (size + 1e-6)).clamp(max=1))
        for group in self.optimizer.param_groups:
            group.update(lr=adam.learning_rate, betas=(adam.beta1, adam.beta2), eps=adam.eps, weight_decay=adam.weight_decay)
        for parameter, gradient in zip(self.trained.values(), self.gradient):
            parameter.grad = gradient
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.gradient, self.step = None, self.step + 1
        return {"type": "optim_step", "step": self.step, "metrics": {"grad_norm": float(size), "learning_rate": adam.learning_rate}}

    def state(self) -> dict[str, Tensor]:
        """A copy of what is trained, on the CPU."""
        return {name: p.detach().to("cpu", copy=True) for name, p in self.trained.items()}

    @torch.no_grad()
    def load_state(self, state: dict[str, Tensor]) -> None:
        for name, p in self.trained.items():
            p.copy_(state[name])

    @contextmanager
    def using(self, state: dict[str, Tensor] | None) -> Iterator[None]:
        """Other weights for a while: those being trained are put aside, not copied. `None` leaves them."""
        aside = {name: p.data for name, p in self.trained.items()}
        try:
            for name, p in self.trained.items() if state else ():
                p.data = state[name].to(self.device)
            yield
        finally:
            for name, p in self.trained.items():
                p.data = aside[name]


def plan_batches(lengths: list[int], limit: int) -> list[list[int]]:
    """Rows of like length together, so that padding is small; at most `limit` tokens, or one row."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= limit:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def norm(tensors: list[Tensor]) -> Tensor:
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(tensors)))
