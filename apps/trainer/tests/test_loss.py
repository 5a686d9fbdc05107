import numpy as np
import pytest
import torch
from torch.nn import functional as F

from policy_trainer.batches import collate, plan_epoch, share_of
from policy_trainer.episodes import KINDS, Demonstration, kinds_of_tokens, read_demonstrations, tokenise_episodes
from policy_trainer.loss import held_out_loss, weighted_loss
from policy_trainer.model import Llama


def kinds_by_token(demonstration, tokenizer):
    encoding = tokenizer.encode(demonstration.text)
    kinds = kinds_of_tokens(demonstration, encoding.offsets)
    return [(tokenizer.decode([token]), KINDS[kind]) for token, kind in zip(encoding.ids, kinds)]


def test_gives_each_token_the_kind_of_the_segment_it_ends_in(tokenizer):
    demonstration = Demonstration("d", "none", [(" desk\n> ", "context"), ("go to desk 1\n", "action"), (" mug 1\n>", "context")])
    assert kinds_by_token(demonstration, tokenizer) == [
        (" desk", "context"), ("\n", "context"), (">", "context"),
        (" go", "action"), (" to", "action"), (" desk", "action"), (" 1", "action"), ("\n", "action"),
        (" mug", "context"), (" 1", "context"), ("\n", "context"), (">", "context"),
    ]  # fmt: skip


def test_weighs_actions_context_and_noise_as_said(tokenizer, shape):
    demonstration = Demonstration(
        "d", "none", [("task\n>", "context"), (" open mug 1\n", "noise"), (" nothing\n>", "context"), (" go to desk 1\n", "action")]
    )
    batch = collate(tokenise_episodes([demonstration], tokenizer, 128), [0])
    model = Llama(shape).initialise(0)
    losses = F.cross_entropy(model(batch.ids[:, :-1])[0], batch.ids[0, 1:], reduction="none")
    kinds = [kind for _, kind in kinds_by_token(demonstration, tokenizer)][1:]
    expected = sum({"action": 1.0, "context": 0.1, "noise": 0.0}[kind] * loss for kind, loss in zip(kinds, losses.tolist()))
    assert weighted_loss(model, batch).item() == pytest.approx(expected, rel=1e-5)


def test_noise_tokens_do_not_change_the_gradient(tokenizer, shape):
    """The last token is noise: what it is must not matter, as nothing reads it and nobody predicts it."""
    def gradient(noise: str) -> torch.Tensor:
        demonstration = Demonstration("d", "none", [("task put a mug in desk\n>", "context"), (noise, "noise")])
        model = Llama(shape).initialise(0)
        weighted_loss(model, collate(tokenise_episodes([demonstration], tokenizer, 128), [0])).backward()
        return model.model.layers[0].self_attn.q_proj.weight.grad

    assert torch.equal(gradient(" go"), gradient(" take"))


def test_padding_changes_nothing(episodes, shape):
    model = Llama(shape).initialise(0)
    shortest, longest = int(episodes.lengths.argmin()), int(episodes.lengths.argmax())
    together = weighted_loss(model, collate(episodes, [shortest, longest])).item()
    apart = sum(weighted_loss(model, collate(episodes, [index])).item() for index in (shortest, longest))
    assert together == pytest.approx(apart, rel=1e-5)


def test_gradient_agrees_with_a_finite_difference(episodes, shape):
    model = Llama(shape).initialise(0).double()
    batch = collate(episodes, [0, 1])
    weighted_loss(model, batch).backward()
    for parameter in (model.model.layers[1].mlp.up_proj.weight, model.model.layers[0].self_attn.k_proj.weight, model.model.norm.weight):
        place = tuple(0 for _ in parameter.shape)
        values = []
        for step in (1e-3, -1e-3):
            with torch.no_grad():
                parameter[place] += step
            values.append(weighted_loss(model, batch).item())
            with torch.no_grad():
                parameter[place] -= step
        assert float(parameter.grad[place]) == pytest.approx((values[0] - values[1]) / 2e-3, rel=1e-4, abs=1e-6)


def test_every_episode_is_in_exactly_one_batch_and_batches_stay_small(episodes):
    batches = plan_epoch(episodes.lengths, 1024, seed=3, epoch=0)
    assert sorted(np.concatenate(batches)) == list(range(len(episodes)))
    assert all(len(batch) * episodes.lengths[batch].max() <= 1024 for batch in batches)


def test_processes_share_a_batch_without_overlap():
    batch = np.arange(7)
    assert sorted(np.concatenate([share_of(batch, 0, 2), share_of(batch, 1, 2)])) == list(range(7))


def test_held_out_loss_of_an_untrained_model_is_about_uniform(episodes, shape):
    losses = held_out_loss(Llama(shape).initialise(0), episodes)
    assert losses["action"] == pytest.approx(np.log(shape.vocabulary), rel=0.1)


def test_refuses_an_unknown_kind_of_segment_with_its_line(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_text('{"id": "1", "segments": [["a", "context"]]}\n{"id": "2", "segments": [["a", "thought"]]}\n')
    with pytest.raises(ValueError, match=r"d\.jsonl:2: .*thought"):
        list(read_demonstrations([path]))
