"""A model that can be trained: transformers' network, PEFT's LoRA on it or all parameters, AdamW, and its random numbers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig as PeftConfig
from peft import get_peft_model
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

from policy_trainer.export import sha256

from .bodies import AdamParams, Example, LoraConfig
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
    vocabulary: int
    context: int
    sha256: str
    tokenizer_sha256: str | None


def read_base(name: str, folder: Path) -> Base:
    weights, tokenizer = sorted(folder.glob("*.safetensors")), folder / "tokenizer.json"
    if not (folder / "config.json").is_file() or not weights:
        raise ServiceError("BASE_UNKNOWN", f"There is no base model '{name}'.")
    config = json.loads((folder / "config.json").read_text())
    if config.get("model_type") not in ARCHITECTURES:
        raise ServiceError("BASE_UNSUPPORTED", f"'{name}' is a {config.get('model_type')}.")
    hashes = " ".join(map(hash_of, weights)), hash_of(tokenizer) if tokenizer.is_file() else None
    return Base(name, folder, config, config["vocab_size"], config["max_position_embeddings"], *hashes)


def hash_of(file: Path) -> str:
    """Read once, and again when the file has changed."""
    return hash_at(file, file.stat().st_mtime_ns, file.stat().st_size)


@lru_cache
def hash_at(file: Path, mtime_ns: int, size: int) -> str:
    return sha256(file)


class Engine:
    """Used by one thread at a time. `device` is `cpu` or `cuda`; with bf16 the weights stay f32 and the arithmetic is autocast."""

    def __init__(self, base: Base, lora: LoraConfig | None, seed: int, device: str, bf16: bool):
        self.base, self.lora, self.device, self.bf16 = base, lora, device, bf16
        torch.manual_seed(seed)
        self.network = AutoModelForCausalLM.from_pretrained(base.folder, dtype=torch.float32, local_files_only=True).to(device).eval()
        self.peft = None
        if lora:
            adapter = PeftConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0, target_modules="all-linear", task_type="CAUSAL_LM")
            self.peft = get_peft_model(self.network, adapter).eval()
        self.decoder, self.head = self.network.get_decoder(), self.network.get_output_embeddings()
        self.trained = {name: p for name, p in self.network.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.AdamW(self.trained.values())
        self.gradient: list[Tensor] | None = None
        self.step = 0
        self.generator = torch.Generator(device).manual_seed(seed)

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.bf16)

    def run(self, examples: list[Example], loss: str, clip: dict[str, float], backward: bool) -> dict[str, Any]:
        """Log-probabilities and losses of each example; with `backward` their gradient is added, whole or not at all."""
        # Few tokens at a time on a CPU, whose caches they should fit; the logits of a batch stay below a gigabyte.
        limit = min(3072 if self.device == "cpu" else 16_384, 2**28 // self.base.vocabulary)
        lengths = [len(example.tokens) for example in examples]
        parameters = list(self.trained.values())
        gradient = [torch.zeros_like(p) for p in parameters] if backward else []
        values, losses = [torch.empty(0)] * len(examples), [torch.empty(0)] * len(examples)
        for rows in plan_batches(lengths, limit):
            p, weighted = self.run_batch([examples[row] for row in rows], loss, clip, backward)
            if weighted.requires_grad:
                torch._foreach_add_(gradient, torch.autograd.grad(weighted.sum(), parameters, allow_unused=True, materialize_grads=True))
            ends = [lengths[row] for row in rows]
            for row, value, its_loss in zip(rows, p.detach().cpu().split(ends), weighted.detach().cpu().split(ends)):
                values[row], losses[row] = value, its_loss
        total = float(torch.cat(losses).double().sum())
        if not (torch.tensor(total).isfinite() and torch.cat(values).isfinite().all() and (not backward or norm(gradient).isfinite())):
            raise ServiceError("LOSS_NOT_FINITE", "The loss or its gradient is not finite; nothing was added.")
        if backward:
            self.gradient = gradient if self.gradient is None else list(torch._foreach_add(self.gradient, gradient))
        weight = float(sum(example.weights.sum() for example in examples))
        return {
            "loss_fn_output_type": "scalar",
            "loss_fn_outputs": [{"logprobs": as_json(p), "elementwise_loss": as_json(its_loss)} for p, its_loss in zip(values, losses)],
            "metrics": {"loss:sum": total, "weight:sum": weight, "tokens:sum": sum(lengths)},
        }

    def run_batch(self, batch: list[Example], loss: str, clip: dict[str, float], backward: bool) -> tuple[Tensor, Tensor]:
        """Log-probability and weighted loss of every position, the examples end to end."""
        # Padding lies to the right, and attention is causal: no mask is needed.
        ids = pad_sequence([torch.from_numpy(example.tokens) for example in batch], batch_first=True).to(self.device)
        lengths = torch.tensor([len(example.tokens) for example in batch], device=self.device)
        real = torch.arange(ids.shape[1], device=self.device) < lengths[:, None]
        joined = (torch.cat([torch.from_numpy(getattr(example, key)) for example in batch]) for key in ("targets", "weights", "logprobs", "advantages"))
        targets, weights, old, advantages = (values.to(self.device) for values in joined)
        with torch.set_grad_enabled(backward):
            with self.autocast():
                hidden = self.decoder(input_ids=ids, use_cache=False).last_hidden_state[real]
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
            raise ServiceError("GRADIENT_MISSING", "No gradient was accumulated since the last step.")
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
        return {"step": self.step, "metrics": {"grad_norm": float(size), "learning_rate": adam.learning_rate}}

    def state(self) -> dict[str, Tensor]:
        """A copy of what is trained, on the CPU."""
        return {name: p.detach().to("cpu", copy=True) for name, p in self.trained.items()}

    @torch.no_grad()
    def load_state(self, state: dict[str, Tensor]) -> None:
        for name, p in self.trained.items():
            p.copy_(state[name])

    def save(self, folder: Path) -> None:
        save_file(self.state(), folder / "state.safetensors")
        torch.save({"optimizer": self.optimizer.state_dict(), "generator": self.generator.get_state()}, folder / "optimizer.pt")

    def load(self, folder: Path, step: int, optimizer: bool) -> None:
        """What `save` wrote; everything is read before anything is changed."""
        state = load_file(folder / "state.safetensors")
        saved = torch.load(folder / "optimizer.pt", weights_only=True)
        fresh = torch.optim.AdamW(self.trained.values())
        if optimizer:
            fresh.load_state_dict(saved["optimizer"])
        self.load_state(state)
        self.optimizer, self.gradient, self.step = fresh, None, step
        if saved["generator"].shape == self.generator.get_state().shape:  # A GPU's state is not a CPU's.
            self.generator.set_state(saved["generator"])

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


def as_json(values: Tensor) -> dict[str, Any]:
    return {"data": values.tolist(), "dtype": "float32", "shape": list(values.shape)}
