"""The files a model server loads: merged weights in f16, GGUF for the built-in policy's form, and the PEFT adapter."""

import shutil
from pathlib import Path
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file
from torch import Tensor

from policy_trainer.export import export_checkpoint, shape_of, write_json
from policy_trainer.model import Llama
from policy_trainer.tokenizer import load_tokenizer

from .engine import Engine


@torch.no_grad()
def merged_weights(engine: Engine) -> dict[str, Tensor]:
    """W + alpha/rank · B·A under the names of the base, f32, on the CPU."""
    deltas = {name: module.get_delta_weight("default") for name, module in engine.network.named_modules() if isinstance(module, LoraLayer)}
    merged = {}
    for name, value in engine.network.state_dict().items():
        if ".lora_" in name or (name == "lm_head.weight" and engine.network.config.tie_word_embeddings):
            continue
        layer = name.removesuffix(".base_layer.weight")
        merged[name.replace(".base_layer.", ".")] = (value + deltas[layer] if layer in deltas else value).cpu()
    return merged


def export_model(engine: Engine, folder: Path, facts: dict[str, Any]) -> None:
    """Write what is trained, and under `export` the whole model, from the engine's present weights."""
    save_file(engine.state(), folder / "state.safetensors")
    export = folder / "export"
    export.mkdir()
    merged, config, tokenizer = merged_weights(engine), engine.base.config, engine.base.folder / "tokenizer.json"
    if set(merged) == policy_names(config) and tokenizer.is_file():
        model = Llama(shape_of(config))
        model.load_state_dict(merged)
        export_checkpoint(model, load_tokenizer(tokenizer), facts["name"], export, facts)
    else:
        save_file({name: value.half().contiguous() for name, value in merged.items()}, export / "model.safetensors", metadata={"format": "pt"})
        for file in engine.base.folder.glob("*.json"):
            if "index" not in file.name and file.name != "manifest.json":
                shutil.copy(file, export)
        write_json(export / "manifest.json", {**facts, "gguf": None, "gguf_reason": "only bases in the built-in policy's form are written as GGUF"})
    if engine.peft:
        engine.peft.save_pretrained(export / "adapter", save_embedding_layers=False)


def policy_names(config: dict[str, Any]) -> set[str]:
    """The parameters of the built-in policy's form in these sizes; empty when the configuration cannot be of that form."""
    same_heads = config.get("num_key_value_heads", config["num_attention_heads"]) == config["num_attention_heads"]
    if config["model_type"] != "llama" or not same_heads or not config.get("tie_word_embeddings") or "rope_theta" not in config:
        return set()
    with torch.device("meta"):
        return set(Llama(shape_of(config)).state_dict())
