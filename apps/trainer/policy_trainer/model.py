"""The policy's network: a small Llama in plain PyTorch.

Architecture: Touvron et al. 2023, arXiv:2302.13971 (pre-norm RMSNorm, rotary positions, SwiGLU), with tied input and
output embeddings. Names of the parameters are those of Hugging Face's `LlamaForCausalLM`, so that the exported file loads
there without a map. Deviations: none in the mathematics; no grouped-query attention (5 heads of 32 need none).

All dimensions are multiples of 32, otherwise GGUF's Q8_0 blocks would not fit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class ModelShape:
    """Sizes of the network; `vocabulary` is padded up to a multiple of 32 by the tokenizer."""

    vocabulary: int
    width: int = 160
    layers: int = 4
    heads: int = 5
    feed_forward: int = 448
    context: int = 1024
    rope_theta: float = 10_000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class RmsNorm(nn.Module):
    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.epsilon)


def rotary_table(shape: ModelShape) -> Tensor:
    """Cosines and sines of the rotary angles, `[2, context, head_width]`, halves repeated (the layout of Hugging Face)."""
    frequencies = shape.rope_theta ** (-torch.arange(0, shape.head_width, 2, dtype=torch.float64) / shape.head_width)
    angles = torch.outer(torch.arange(shape.context, dtype=torch.float64), frequencies).repeat(1, 2)
    return torch.stack([angles.cos(), angles.sin()]).float()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Rotate `x [batch, heads, time, head_width]` by tables that broadcast to `[…, time, head_width]`."""
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


def causal_attention(q: Tensor, k: Tensor, v: Tensor, block: int = 128) -> Tensor:
    """Causal attention of `[batch, heads, time, head_width]`, a block of queries at a time against the keys before its end.

    In bf16 on a CPU two matrix products and a softmax run about twice as fast, backward included, as PyTorch 2.13's
    fused kernel; the blocks spare most of the masked half.
    """
    batch, heads, time, width = q.shape
    q, k, v = (x.reshape(batch * heads, time, width) for x in (q, k, v))
    mixed = []
    for start in range(0, time, block):
        end = min(start + block, time)
        mask = torch.full((end - start, end), float("-inf"), dtype=q.dtype).triu(start + 1)
        scores = torch.baddbmm(mask, q[:, start:end], k[:, :end].transpose(1, 2), alpha=width**-0.5)
        mixed.append(torch.bmm(torch.softmax(scores, -1), v[:, :end]))
    return torch.cat(mixed, 1).view(batch, heads, time, width)


class Attention(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.heads = shape.heads
        self.q_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.k_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.v_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.o_proj = nn.Linear(shape.width, shape.width, bias=False)

    def forward(self, x: Tensor, rotary: Tensor, past: "LayerPast | None" = None) -> Tensor:
        batch, time, width = x.shape
        q, k, v = (
            projection(x).view(batch, time, self.heads, -1).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = rotate(q, rotary[0], rotary[1]), rotate(k, rotary[0], rotary[1])
        if past is None:
            mixed = causal_attention(q, k, v)
        else:
            keys, values, mask = past.extend(k, v)
            mixed = F.scaled_dot_product_attention(q, keys, values, attn_mask=mask)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, time, width))


class FeedForward(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down_proj = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.input_layernorm = RmsNorm(shape.width, shape.norm_epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RmsNorm(shape.width, shape.norm_epsilon)
        self.mlp = FeedForward(shape)

    def forward(self, x: Tensor, rotary: Tensor, past: "LayerPast | None" = None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rotary, past)
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = RmsNorm(shape.width, shape.norm_epsilon)


class Llama(nn.Module):
    def __init__(self, shape: ModelShape):
        super().__init__()
        self.shape = shape
        self.model = Trunk(shape)
        self.register_buffer("rotary", rotary_table(shape), persistent=False)

    def initialise(self, seed: int) -> "Llama":
        """Normal weights of deviation 0.02; projections back into the residual stream shrunk by √(2·layers) (GPT-2)."""
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                nn.init.ones_(parameter)
                continue
            into_residual = name.endswith(("o_proj.weight", "down_proj.weight"))
            deviation = 0.02 / (2 * self.shape.layers) ** 0.5 if into_residual else 0.02
            nn.init.normal_(parameter, std=deviation, generator=generator)
        return self

    def hidden(self, ids: Tensor) -> Tensor:
        """Final normalised states `[batch, time, width]` of `ids [batch, time]`, each row starting at position 0."""
        x = self.model.embed_tokens(ids)
        rotary = self.rotary[:, : ids.shape[1]]
        if torch.is_autocast_enabled("cpu"):
            # The whole residual stream in bf16: on a CPU the time goes into moving activations, not into multiplying them.
            x, rotary = x.bfloat16(), rotary.bfloat16()
        for layer in self.model.layers:
            x = layer(x, rotary)
        return self.model.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.model.embed_tokens.weight)

    def forward(self, ids: Tensor) -> Tensor:
        return self.logits(self.hidden(ids))
