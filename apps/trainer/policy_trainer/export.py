"""A checkpoint's folder: f16 safetensors, F16 GGUF, tokenizer, configuration and manifest; and reading it back."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from .export_gguf import export_gguf
from .model import Llama, ModelShape
from .tokenizer import load_tokenizer

FILES = ("model.safetensors", "model-f16.gguf", "tokenizer.json", "config.json")


def export_checkpoint(model: Llama, tokenizer: Tokenizer, name: str, folder: Path, figures: dict[str, Any]) -> dict[str, Any]:
    """Write the folder and return its manifest. `figures` are the caller's: seeds, command, losses, success."""
    folder.mkdir(parents=True, exist_ok=True)
    half = rounded_to_half(model)
    save_file(
        {key: value.half().contiguous() for key, value in half.state_dict().items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    export_gguf(half, tokenizer, name, folder / "model-f16.gguf")
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "config.json", huggingface_config(model.shape))
    manifest = {
        "name": name,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "shape": model.shape.as_dict(),
        "tokenizerVocabulary": tokenizer.get_vocab_size(),
        **figures,
        "software": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("torch", "tokenizers", "safetensors", "gguf", "numpy")},
        },
        "files": {file: {"bytes": (folder / file).stat().st_size, "sha256": sha256(folder / file)} for file in FILES},
    }
    write_json(folder / "manifest.json", manifest)
    return manifest


def rounded_to_half(model: Llama) -> Llama:
    """The model as everyone who reads the files gets it: weights rounded to f16, computed in f32."""
    half = Llama(model.shape)
    half.load_state_dict({key: value.half().float() for key, value in model.state_dict().items()})
    return half.eval()


def load_checkpoint(folder: Path) -> tuple[Llama, Tokenizer]:
    """The model in f32 from its f16 weights, and its tokenizer."""
    model = Llama(shape_of(json.loads((folder / "config.json").read_text())))
    model.load_state_dict({key: value.float() for key, value in load_file(folder / "model.safetensors").items()})
    return model.eval(), load_tokenizer(folder / "tokenizer.json")


def shape_of(config: dict[str, Any]) -> ModelShape:
    """The sizes in a configuration of `transformers`, the inverse of `huggingface_config`."""
    return ModelShape(
        vocabulary=config["vocab_size"],
        width=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        feed_forward=config["intermediate_size"],
        context=config["max_position_embeddings"],
        rope_theta=config["rope_theta"],
        norm_epsilon=config["rms_norm_eps"],
    )


def huggingface_config(shape: ModelShape) -> dict[str, Any]:
    """What `transformers` needs to load the folder as `LlamaForCausalLM`."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.head_width,
        "max_position_embeddings": shape.context,
        "rope_theta": shape.rope_theta,
        "rms_norm_eps": shape.norm_epsilon,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": None,
        "eos_token_id": None,
        "dtype": "float16",
    }


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def source_revision() -> str | None:
    """The commit of the checkout this ran from, with `+` when the trainer's files had changes; nothing outside a checkout."""
    here = Path(__file__).resolve().parent
    try:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(["git", "status", "--porcelain", "."], cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changed.stdout.strip() else "")


def command_line() -> str:
    return "python -m policy_trainer " + " ".join(sys.argv[1:])


def write_json(path: Path, value: Any) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, indent=2) + "\n")
    temporary.replace(path)
