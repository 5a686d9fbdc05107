"""The checkpoint as GGUF, for llama.cpp, node-llama-cpp and Ollama.

Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md; tensor names and the row order of q and k as llama.cpp's converter
writes them for Llama (rotary pairs interleaved). Embeddings are tied by leaving `output.weight` out. The tokenizer is `gpt2` with
`gpt-2` pre-tokenisation; a newline ends every action, the end token is never used.
"""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from .model import Llama, ModelShape

TENSOR_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def export_gguf(model: Llama, tokenizer: Tokenizer, name: str, path: Path) -> None:
    """Write `path` with matrices in f16 and norms in f32 (llama.cpp multiplies norms in f32 only)."""
    shape = model.shape
    temporary = path.with_suffix(".tmp")
    writer = gguf.GGUFWriter(temporary, "llama")
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_vocab_size(shape.vocabulary)
    add_tokenizer(writer, tokenizer, shape)
    for parameter_name, parameter in model.state_dict().items():
        matrix = parameter.detach().to(torch.float32)
        if parameter_name.endswith(("q_proj.weight", "k_proj.weight")):
            matrix = interleave_rotary_rows(matrix, shape)
        kind = np.float16 if matrix.dim() == 2 else np.float32
        writer.add_tensor(tensor_name(parameter_name), matrix.numpy().astype(kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    temporary.replace(path)


def add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer, shape: ModelShape) -> None:
    vocabulary = json.loads(tokenizer.to_str())["model"]
    tokens = [token for token, _ in sorted(vocabulary["vocab"].items(), key=lambda item: item[1])]
    padding = ["<end>", *(f"<unused {number}>" for number in range(shape.vocabulary - len(tokens) - 1))]
    kinds = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] + [gguf.TokenType.UNUSED] * (len(padding) - 1)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in vocabulary["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens + padding)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    # An id that is never sampled: without one, llama.cpp takes id 11, here the comma, for the end.
    writer.add_eos_token_id(len(tokens))
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)


def interleave_rotary_rows(matrix: torch.Tensor, shape: ModelShape) -> torch.Tensor:
    """Rows of each head from (first halves, second halves) to (first, second, first, second, …), the order of llama.cpp."""
    halves = matrix.view(shape.heads, 2, shape.head_width // 2, shape.width)
    return halves.transpose(1, 2).reshape(shape.width, shape.width).contiguous()


def tensor_name(parameter_name: str) -> str:
    """`model.layers.0.self_attn.q_proj.weight` → `blk.0.attn_q.weight`."""
    fixed = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if parameter_name in fixed:
        return fixed[parameter_name]
    _, _, layer, *rest = parameter_name.split(".")
    return f"blk.{layer}.{TENSOR_NAMES['.'.join(rest[:-1])]}.weight"
