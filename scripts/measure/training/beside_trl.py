"""One update of one recorded batch, by our service's engine and by TRL's GRPOTrainer, in one process with the same threads.

`python beside_trl.py BATCH.json BASE THREADS`: prints `{"ready": …}`, then for each line of standard input, `ours` or `trl`, one JSON line:
`seconds` of loss, gradient and optimizer step, and `grad_norm` before clipping. Models are loaded before, and each side keeps its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

TRAINER = Path(__file__).parents[3] / "apps/trainer"
sys.path.insert(0, str(TRAINER))

from trainer_service.bodies import AdamParams, Example  # noqa: E402
from trainer_service.engine import Engine, read_base  # noqa: E402

LOW, HIGH, RATE, CLIP_NORM = 0.8, 1.28, 1e-6, 1.0
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
# One update; returns the norm of the gradient before clipping.
Update = Callable[[], float]


def ours(batch: list[dict[str, Any]], base: Path) -> Update:
    engine = Engine(read_base("base", base), None, 0, DEVICE, bf16=DEVICE == "cuda")
    array = lambda values: np.asarray(values[1:], np.float32)  # noqa: E731
    examples = [
        Example(np.array(row["ids"][:-1]), np.array(row["ids"][1:]), array(row["weights"]), array(row["logprobs"]), array(row["advantages"]))
        for row in batch
    ]
    adam = AdamParams(learning_rate=RATE, grad_clip_norm=CLIP_NORM)

    def update() -> float:
        engine.run(examples, "ppo", {"clip_low_threshold": LOW, "clip_high_threshold": HIGH}, backward=True)
        return engine.optim_step(adam)["metrics"]["grad_norm"]

    return update


def trl(batch: list[dict[str, Any]], base: Path, rows: int) -> Update:
    """`rows` at a time, padded to the longest of them: less than TRL, which pads to the longest of the whole batch."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
    from trl import GRPOConfig, GRPOTrainer

    pieces = [batch[start : start + rows] for start in range(0, len(batch), rows)]
    settings = GRPOConfig(
        output_dir=tempfile.mkdtemp(), use_cpu=DEVICE == "cpu", bf16=DEVICE == "cuda", report_to=[], beta=0.0, loss_type="dapo",
        per_device_train_batch_size=rows, num_generations=rows, gradient_accumulation_steps=1, epsilon=1 - LOW, epsilon_high=HIGH - 1,
        gradient_checkpointing=False, learning_rate=RATE, weight_decay=0.0, max_grad_norm=CLIP_NORM, adam_beta2=0.95, lr_scheduler_type="constant",
    )
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32),
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=settings,
        train_dataset=Dataset.from_list([{"prompt": "task"}] * rows),
        processing_class=PreTrainedTokenizerFast(tokenizer_file=str(base / "tokenizer.json"), pad_token="!", eos_token="!"),
    )
    trainer.current_gradient_accumulation_steps = 1
    network = trainer.model.train().to(DEVICE)
    trainer.create_optimizer_and_scheduler(num_training_steps=10_000)
    tokens = sum(weight > 0 for row in batch for weight in row["weights"])
    inputs = [{**trl_inputs(piece), "num_items_in_batch": torch.tensor(float(tokens), device=DEVICE)} for piece in pieces]

    def update() -> float:
        for piece in inputs:
            trainer.accelerator.backward(trainer._compute_loss(network, piece))
        size = float(torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM))
        trainer.optimizer.step()
        network.zero_grad()
        return size

    return update


def trl_inputs(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """The prompt is what stands before the first sampled token; what the game said after it is masked, as TRL does with a tool's answers."""
    firsts = [next(place for place, weight in enumerate(row["weights"]) if weight > 0) for row in rows]
    before = max(firsts)
    after = max(len(row["ids"]) - first for row, first in zip(rows, firsts))

    def padded(values_of: Callable[[dict[str, Any]], Any], dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
        table = torch.zeros(len(rows), before + after, dtype=dtype)
        for row, first, line in zip(rows, firsts, table):
            line[before - first : before - first + len(row["ids"])] = torch.tensor(values_of(row), dtype=dtype)
        return table[:, :before].to(DEVICE), table[:, before:].to(DEVICE)

    prompt_ids, completion_ids = padded(lambda row: row["ids"], torch.long)
    prompt_mask, completion_mask = padded(lambda row: [1] * len(row["ids"]), torch.long)
    return {
        "prompt_ids": prompt_ids, "prompt_mask": prompt_mask, "completion_ids": completion_ids, "completion_mask": completion_mask,
        "tool_mask": padded(lambda row: [int(weight > 0) for weight in row["weights"]], torch.long)[1],
        "old_per_token_logps": padded(lambda row: row["logprobs"], torch.float)[1],
        "advantages": padded(lambda row: row["advantages"], torch.float)[1],
    }


def timed(update: Update) -> dict[str, float]:
    begun = time.perf_counter()
    size = update()
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return {"seconds": time.perf_counter() - begun, "grad_norm": size}


def main() -> None:
    batch, base, threads = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    # TRL's fastest way through this batch; the first update of each is a warm-up.
    ways = {rows: trl(batch, base, rows) for rows in (2, 8, 32)}
    for update in ways.values():
        update()
    best = min(ways, key=lambda rows: min(timed(ways[rows])["seconds"] for _ in range(2)))
    updates = {"ours": ours(batch, base), "trl": ways[best]}
    updates["ours"]()
    print(json.dumps({"ready": True, "device": DEVICE, "trl_rows": best}), flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(updates[line.strip()])), flush=True)


main()
