import json

import gguf
import numpy as np
import pytest
import torch

from policy_trainer.export import FILES, export_checkpoint, load_checkpoint, rounded_to_half, sha256
from policy_trainer.export_gguf import interleave_rotary_rows
from policy_trainer.model import Llama
from policy_trainer.record_parity import record_parity


@pytest.fixture
def exported(tmp_path, shape, tokenizer):
    model = Llama(shape).initialise(1)
    manifest = export_checkpoint(model, tokenizer, "toy", tmp_path, {"seed": 1})
    return model, tmp_path, manifest


def test_a_checkpoint_read_back_gives_the_same_logits_as_the_rounded_weights(exported, tokenizer):
    model, folder, _ = exported
    reloaded, its_tokenizer = load_checkpoint(folder)
    ids = torch.tensor([tokenizer.encode("task put a mug in desk\n>").ids])
    assert torch.equal(reloaded(ids), rounded_to_half(model)(ids))
    assert its_tokenizer.to_str() == tokenizer.to_str()


def test_the_manifest_names_every_file_with_its_hash(exported):
    _, folder, manifest = exported
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    assert set(manifest["files"]) == set(FILES)
    for file, facts in manifest["files"].items():
        assert facts == {"bytes": (folder / file).stat().st_size, "sha256": sha256(folder / file)}
    assert manifest["seed"] == 1


def test_the_gguf_says_what_llama_cpp_needs(exported, tokenizer, shape):
    _, folder, _ = exported
    reader = gguf.GGUFReader(folder / "model-f16.gguf")
    value = {key: field.contents() for key, field in reader.fields.items()}
    assert value["general.architecture"] == "llama"
    assert value["llama.embedding_length"] == shape.width
    assert value["llama.block_count"] == shape.layers
    assert value["llama.attention.head_count"] == value["llama.attention.head_count_kv"] == shape.heads
    assert value["llama.rope.dimension_count"] == shape.head_width
    assert value["tokenizer.ggml.model"] == "gpt2"
    assert value["tokenizer.ggml.pre"] == "gpt-2"
    assert value["tokenizer.ggml.add_bos_token"] is False
    tokens = value["tokenizer.ggml.tokens"]
    assert tokens[value["tokenizer.ggml.eos_token_id"]] == "<end>"
    assert len(tokens) == shape.vocabulary
    assert tokens[tokenizer.encode(" mug").ids[0]] == "Ġmug"


def test_the_gguf_holds_the_weights(exported, shape):
    model, folder, _ = exported
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(folder / "model-f16.gguf").tensors}
    assert "output.weight" not in tensors, "embeddings are tied"
    assert len(tensors) == len(model.state_dict())
    state = rounded_to_half(model).state_dict()
    np.testing.assert_array_equal(tensors["token_embd.weight"].data, state["model.embed_tokens.weight"].numpy())
    np.testing.assert_array_equal(tensors["blk.1.ffn_down.weight"].data, state["model.layers.1.mlp.down_proj.weight"].numpy())
    q = state["model.layers.0.self_attn.q_proj.weight"]
    np.testing.assert_array_equal(tensors["blk.0.attn_q.weight"].data, interleave_rotary_rows(q, shape).numpy())


def test_rotary_rows_are_paired_as_llama_cpp_wants_them(shape):
    rows = torch.arange(shape.width, dtype=torch.float32)[:, None].expand(shape.width, shape.width)
    half = shape.head_width // 2
    interleaved = interleave_rotary_rows(rows, shape)[:, 0].tolist()
    assert interleaved[:4] == [0, half, 1, half + 1]
    assert interleaved[shape.head_width] == shape.head_width, "heads stay where they are"


def test_records_prompts_with_greedy_answers(exported, demonstrations):
    model, folder, _ = exported
    model = rounded_to_half(model)
    record_parity(folder, demonstrations, count=20)
    prompts = json.loads((folder / "parity.json").read_text())["prompts"]
    assert len(prompts) == 20
    for record in prompts:
        assert record["prompt"].endswith((">", "\n"))
        assert len(record["completionIds"]) == len(record["logProbabilities"]) > 0
        with torch.no_grad():
            last = model(torch.tensor([record["promptIds"] + record["completionIds"][:-1]]))[0, -1]
        assert int(last.argmax()) == record["completionIds"][-1], "the line is the most likely one"
        assert record["logProbabilities"][-1] == pytest.approx(float(last.log_softmax(-1).max()), abs=1e-5)
        assert all(best >= second for best, second in zip(record["logProbabilities"], record["runnerUpLogProbabilities"]))
