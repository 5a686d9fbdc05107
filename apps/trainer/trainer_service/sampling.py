"""Sampling with a key-value cache: the prompt once, then all copies of it together."""

from typing import Any

import torch
from torch import Tensor

from .bodies import Sample, SamplingParams
from .engine import Engine


@torch.inference_mode()
def sample(engine: Engine, prompt: list[int], asked: Sample) -> dict[str, Any]:
    """Continuations. Log-probabilities are those of the full distribution at temperature 1, whatever was drawn from."""
    params, count = asked.sampling_params, asked.num_samples
    on = {"device": engine.device}
    generator = engine.generator if params.seed is None else torch.Generator(**on).manual_seed(params.seed)
    with engine.autocast():
        out = engine.decoder(input_ids=torch.tensor([prompt], **on), use_cache=True)
    cache, hidden = out.past_key_values, out.last_hidden_state
    of_prompt = [None, *engine.log_probabilities(hidden[0, :-1], torch.tensor(prompt[1:], **on)).tolist()] if asked.prompt_logprobs else None
    cache.batch_repeat_interleave(count)
    hidden = hidden[:, -1].expand(count, -1)
    stop = torch.tensor(params.stop, dtype=torch.long, **on)
    lengths, stopped = torch.zeros(count, dtype=torch.long, **on), torch.zeros(count, dtype=torch.bool, **on)
    tokens, values = [], []
    while True:
        with engine.autocast():
            logits = engine.head(hidden).float()
        chosen = choose(logits, params, generator)
        tokens.append(chosen)
        values.append(logits.log_softmax(-1).gather(1, chosen[:, None])[:, 0])
        lengths += ~stopped
        stopped |= torch.isin(chosen, stop)
        if stopped.all() or len(tokens) == params.max_tokens:
            break
        with engine.autocast():
            hidden = engine.decoder(input_ids=chosen[:, None], cache=cache, use_cache=True).last_hidden_state[:, -1]
    rows = zip(torch.stack(tokens, 1).tolist(), torch.stack(values, 1).tolist(), lengths.tolist(), stopped.tolist())
    sequences = [
        {"tokens": row[:length], "logprobs": value[:length], "stop_reason": "stop" if ended else "length"} for row, value, length, ended in rows
    ]
    return {"type": "sample", "sequences": sequences, "prompt_logprobs": of_prompt}


def choose(logits: Tensor, params: SamplingParams, generator: torch.Generator) -> Tensor:
    """One id a row; first top_k, then top_p (Holtzman et al. 2020, arXiv:1904.09751: the smallest set of at least that mass)."""
    if params.temperature == 0:
        return logits.argmax(-1)
    logits = logits / params.temperature
    if 0 < params.top_k < logits.shape[-1]:
        logits = logits.masked_fill(logits < logits.topk(params.top_k).values[:, -1:], float("-inf"))
    if params.top_p < 1:
        ordered, places = logits.softmax(-1).sort(descending=True)
        beyond = ordered.cumsum(-1) - ordered >= params.top_p
        logits = logits.masked_fill(beyond.scatter(1, places, beyond), float("-inf"))
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0]
