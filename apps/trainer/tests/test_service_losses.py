"""Values and gradients against formulas written once more, here, in numpy, and differences of the network's own outputs."""

import numpy as np
import pytest
import torch

from trainer_service.bodies import LoraConfig, LossInput, read_examples
from trainer_service.engine import Engine, plan_batches, read_base

from .service_client import toy_datum

LOSSES = ["cross_entropy", "importance_sampling", "ppo", "cispo"]
CLIP = {"clip_low_threshold": 0.8, "clip_high_threshold": 1.2}


@pytest.fixture(params=["full", "lora"])
def engine(request, toy_base):
    engine = Engine(read_base("toy", toy_base), LoraConfig(rank=4) if request.param == "lora" else None, 3, "cpu", bf16=False)
    with torch.no_grad():
        for name, parameter in engine.trained.items():
            if ".lora_B." in name:  # PEFT starts it at zero, where A would have no gradient.
                parameter.normal_(std=0.05)
    engine.network.double()  # Norms and rotary angles stay f32 in transformers; the rest is exact enough for differences.
    return engine


def examples_near(engine, loss):
    """Three sequences of unequal length; old log-probabilities near the model's, so that some ratios are clipped and some not."""
    body = {"data": [toy_datum(seed, length) for seed, length in ((1, 9), (2, 14), (3, 5))], "loss_fn": loss}
    examples, _ = read_examples(LossInput.model_validate(body), engine.base.vocabulary, engine.base.context)
    draw = np.random.default_rng(5)
    for example, p in zip(examples, log_probabilities(engine, examples)):
        example.logprobs[:] = np.minimum(p + draw.uniform(-0.5, 0.5, len(p)), 0)
    return examples


def log_probabilities(engine, examples):
    outputs = engine.run(examples, "cross_entropy", CLIP, backward=False)["loss_fn_outputs"]
    return [np.array(output["logprobs"]["data"]) for output in outputs]


def value(loss, examples, now, ratios_from):
    """The sum of weight × loss; CISPO's ratio is a constant, taken from `ratios_from`."""
    total = 0.0
    for example, p, p_fixed in zip(examples, now, ratios_from):
        ratio, a, w = np.exp(p - example.logprobs.astype(float)), example.advantages.astype(float), example.weights.astype(float)
        terms = {
            "cross_entropy": -p,
            "importance_sampling": -ratio * a,
            "ppo": -np.minimum(ratio * a, np.clip(ratio, 0.8, 1.2) * a),
            "cispo": -np.clip(np.exp(p_fixed - example.logprobs), 0.8, 1.2) * a * p,
        }
        total += float((w * terms[loss]).sum())
    return total


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_is_that_of_finite_differences(engine, loss):
    examples = examples_near(engine, loss)
    here = log_probabilities(engine, examples)
    result = engine.run(examples, loss, CLIP, backward=True)
    assert result["metrics"]["loss:sum"] == pytest.approx(value(loss, examples, here, here), rel=1e-9)
    start, names = engine.state(), list(engine.trained)
    gradient = dict(zip(names, engine.gradient))
    generator = torch.Generator().manual_seed(0)
    for chosen in [names, *[[name] for name in names[:: max(1, len(names) // 6)]]]:
        # Half the gradient's own direction, half a random one: no component may be missing.
        direction = {n: unit(gradient[n]) + unit(torch.randn(gradient[n].shape, generator=generator)) for n in chosen}
        analytic = sum(float((gradient[n].double() * direction[n].double()).sum()) for n in chosen)
        step = 1e-4
        values = []
        for sign in (1, -1):
            engine.load_state({n: start[n] + sign * step * direction[n] if n in direction else start[n] for n in names})
            values.append(value(loss, examples, log_probabilities(engine, examples), here))
        engine.load_state(start)
        assert (values[0] - values[1]) / (2 * step) == pytest.approx(analytic, rel=1e-3, abs=1e-2), chosen


def unit(tensor):
    return tensor / (tensor.norm() + 1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_calls_add_up_to_the_call_with_all_their_datums(engine, loss):
    examples = examples_near(engine, loss)
    engine.run(examples, loss, CLIP, backward=True)
    together, engine.gradient = engine.gradient, None
    for example in examples:
        engine.run([example], loss, CLIP, backward=True)
    for one, other in zip(together, engine.gradient):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_positions_of_weight_zero_have_no_effect(engine, loss):
    examples = examples_near(engine, loss)
    engine.run(examples, loss, CLIP, backward=True)
    before, engine.gradient = engine.gradient, None
    for example in examples:
        example.advantages[example.weights == 0] = 1e6
        example.logprobs[example.weights == 0] = -30
    engine.run(examples, loss, CLIP, backward=True)
    assert all(torch.equal(one, other) for one, other in zip(before, engine.gradient))


def test_padding_does_not_change_a_sequence(engine):
    examples = examples_near(engine, "cross_entropy")
    alone = [log_probabilities(engine, [example])[0] for example in examples]
    for one, other in zip(alone, log_probabilities(engine, examples)):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_batches_hold_rows_of_like_length_within_the_limit():
    assert plan_batches([3, 9, 4, 8], 16) == [[1], [3, 2], [0]]
    assert plan_batches([50], 16) == [[0]]
    assert sorted(sum(plan_batches(list(range(1, 40)), 64), [])) == list(range(39))


def test_policy_losses_move_the_chosen_token_by_the_sign_of_its_advantage(client):
    for loss in LOSSES[1:]:
        for sign in (1.0, -1.0):
            client.start()
            datum = toy_datum(1, 6, advantages=[0, 0, 0, 0, 0, sign], weights=[1] * 6)
            before = client.logprobs([datum])
            datum["loss_fn_inputs"]["logprobs"] = {"data": before[0]}
            client.train([datum], loss, rate=1e-4)
            assert (client.logprobs([datum])[0][5] - before[0][5]) * sign > 0
