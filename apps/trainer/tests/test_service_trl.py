"""Loss and gradient of one recorded batch beside TRL's own trainers; in the long suite, which installs TRL (`requirements-long.txt`)."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from trainer_service.bodies import Example
from trainer_service.engine import Engine, read_base

pytest.importorskip("trl", reason="TRL is installed by npm run test:long")

WARM = Path(__file__).parents[3] / "packages/drivers/policies/warm"
ROWS, LOW, HIGH = 12, 0.8, 1.28


@pytest.fixture(scope="module")
def recorded():
    """Prompts and answers recorded with the checkpoint; the sampler's log-probabilities are moved, so that some ratios are clipped."""
    prompts = json.loads((WARM / "parity.json").read_text())["prompts"][:ROWS]
    draw = np.random.default_rng(0)
    return [
        {
            "prompt": record["promptIds"],
            "completion": record["completionIds"],
            "old": np.minimum(np.array(record["logProbabilities"]) + draw.uniform(-0.6, 0.6, len(record["completionIds"])), 0).astype(np.float32),
            "advantage": np.float32(advantage),
        }
        for record, advantage in zip(prompts, draw.normal(size=ROWS))
    ]


def ours(recorded, loss, clip, weight_of):
    engine = Engine(read_base("warm", WARM), None, 0, "cpu", bf16=False)
    examples = []
    for row in recorded:
        ids = np.array([*row["prompt"], *row["completion"]])
        before = np.zeros(len(row["prompt"]) - 1, np.float32)
        place = lambda values: np.concatenate([before, np.broadcast_to(np.float32(values), len(row["completion"]))])  # noqa: B023, E731
        examples.append(Example(ids[:-1], ids[1:], place(weight_of(row)), place(row["old"]), place(row["advantage"])))
    result = engine.run(examples, loss, {"clip_low_threshold": clip[0], "clip_high_threshold": clip[1]}, backward=True)
    return result["metrics"]["loss:sum"], dict(zip(engine.trained, engine.gradient))


def tokenizer():
    return PreTrainedTokenizerFast(tokenizer_file=str(WARM / "tokenizer.json"), pad_token="!", eos_token="!")


def model():
    return AutoModelForCausalLM.from_pretrained(WARM, dtype=torch.float32)


def padded(rows, left, value=0):
    width = max(map(len, rows))
    return torch.tensor(np.array([[value] * ((width - len(row)) * left) + list(row) + [value] * ((width - len(row)) * (not left)) for row in rows]))


def compare(loss, network, mine):
    loss.backward()
    assert mine[0] == pytest.approx(float(loss), rel=1e-5, abs=1e-5)
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(mine[1][name], parameter.grad, atol=1e-5, rtol=0, msg=lambda text: f"{name}: {text}")  # noqa: B023
    assert max(float(gradient.abs().max()) for gradient in mine[1].values()) > 1e-2, "there is something to compare"


@pytest.mark.parametrize("loss_type", ["bnpo", "grpo", "cispo"])
def test_policy_losses_equal_those_of_trl(tmp_path, recorded, loss_type):
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    network = model()
    settings = GRPOConfig(
        output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to=[], per_device_train_batch_size=ROWS, num_generations=ROWS, beta=0.0,
        loss_type=loss_type, epsilon=1 - LOW, epsilon_high=HIGH if loss_type == "cispo" else HIGH - 1, gradient_checkpointing=False,
    )
    data = Dataset.from_list([{"prompt": "task"}] * ROWS)
    trainer = GRPOTrainer(model=network, reward_funcs=lambda completions, **_: [0.0] * len(completions), args=settings, train_dataset=data, processing_class=tokenizer())
    trainer.current_gradient_accumulation_steps = 1
    tokens = sum(len(row["completion"]) for row in recorded)
    inputs = {
        "prompt_ids": padded([row["prompt"] for row in recorded], left=True),
        "prompt_mask": padded([[1] * len(row["prompt"]) for row in recorded], left=True),
        "completion_ids": padded([row["completion"] for row in recorded], left=False),
        "completion_mask": padded([[1] * len(row["completion"]) for row in recorded], left=False),
        "old_per_token_logps": padded([row["old"] for row in recorded], left=False, value=0.0).float(),
        "advantages": torch.tensor([float(row["advantage"]) for row in recorded]),
        "num_items_in_batch": torch.tensor(tokens),
    }
    per_sequence = loss_type == "grpo"
    mine = ours(
        recorded,
        "cispo" if loss_type == "cispo" else "ppo",
        (0, HIGH) if loss_type == "cispo" else (LOW, HIGH),  # TRL's CISPO has no lower bound.
        lambda row: 1 / (len(row["completion"]) * ROWS) if per_sequence else 1 / tokens,
    )
    compare(trainer._compute_loss(network, inputs), network, mine)


def test_cross_entropy_equals_that_of_trl(tmp_path, recorded):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    network = model()
    data = Dataset.from_list([{"text": "task"}])
    settings = SFTConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to=[], gradient_checkpointing=False)
    trainer = SFTTrainer(model=network, args=settings, train_dataset=data, processing_class=tokenizer())
    inputs = {
        "input_ids": padded([row["prompt"] + row["completion"] for row in recorded], left=False),
        "attention_mask": padded([[1] * len(row["prompt"] + row["completion"]) for row in recorded], left=False),
        "labels": padded([[-100] * len(row["prompt"]) + row["completion"] for row in recorded], left=False, value=-100),
    }
    tokens = sum(len(row["completion"]) for row in recorded)
    compare(trainer.compute_loss(network, inputs), network, ours(recorded, "cross_entropy", (LOW, HIGH), lambda _: 1 / tokens))
