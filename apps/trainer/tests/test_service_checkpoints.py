import io
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from policy_trainer.export import load_checkpoint
from trainer_service.storage import Storage

from .service_client import Client, toy_datum
from .test_service_protocol import ADAM, loss_body, same

DATA = [toy_datum(seed) for seed in range(3)]


@pytest.mark.parametrize("lora", [None, {"rank": 4}])
def test_a_checkpoint_gives_weights_optimizer_and_random_numbers_back(client, lora):
    client.start(lora)
    client.train(DATA)
    client.train(DATA)
    path = client.call("/save_weights", path="two")["path"]
    saved, generator = client.weights(), client.service.runs[client.model_id].engine.generator.get_state()
    client.train(DATA)
    third = client.weights()
    assert not same(saved, third)
    torch.rand(5, generator=client.service.runs[client.model_id].engine.generator)
    client.call("/load_weights", path=path)
    assert same(client.weights(), saved)
    assert torch.equal(client.service.runs[client.model_id].engine.generator.get_state(), generator)
    client.train(DATA)
    assert same(client.weights(), third), "the next step is the same, so the optimizer's state is"
    client.start(lora)
    client.call("/load_weights", path=path)
    client.train(DATA)
    assert same(client.weights(), third), "in another model, too"
    client.call("/load_weights", path=path, optimizer=False)
    client.train(DATA)
    assert not same(client.weights(), third)


def test_loading_refuses_another_base_another_form_and_a_damaged_file(tmp_path, client, toy_base):
    client.start()
    path = client.call("/save_weights", path="one")["path"]
    other = tmp_path / "other"
    other.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (other / name).write_bytes((toy_base / name).read_bytes())
    from safetensors.torch import save_file

    save_file({name: value * 1.01 for name, value in load_file(toy_base / "model.safetensors").items()}, other / "model.safetensors", metadata={"format": "pt"})
    file = client.service.storage.folder((client.model_id, "weights", "one")) / "state.safetensors"
    client.start(base=str(other))
    before = client.weights()
    client.call("/load_weights", path=path)
    assert (client.status, client.error) == (400, "CHECKPOINT_OTHER_BASE")
    assert same(client.weights(), before)
    client.start({"rank": 4})
    client.call("/load_weights", path=path)
    assert (client.status, client.error) == (400, "CHECKPOINT_OTHER_FORM")
    client.start()
    client.train(DATA)
    before = client.weights()
    file.write_bytes(file.read_bytes()[:-1] + b"\x7f")
    client.call("/load_weights", path=path)
    assert (client.status, client.error) == (400, "CHECKPOINT_CORRUPT")
    assert same(client.weights(), before)


def test_a_pending_gradient_is_not_saved_and_loading_clears_it(client):
    client.start()
    path = client.call("/save_weights", path="zero")["path"]
    client.call("/forward_backward", **loss_body(DATA))
    client.call("/save_weights", path="pending")
    assert (client.status, client.error) == (400, "GRADIENT_PENDING")
    client.call("/load_weights", path=path)
    client.call("/optim_step", adam_params=ADAM)
    assert client.error == "GRADIENT_MISSING"


def test_a_name_is_used_once_and_free_after_deletion(client):
    client.start()
    client.call("/save_weights", path="one")
    client.send("/save_weights", path="one")
    assert (client.status, client.error) == (409, "CHECKPOINT_EXISTS")
    base = f"/api/v1/training_runs/{client.model_id}/checkpoints"
    [listed] = client.http.get(base).json()["checkpoints"]
    assert (listed["checkpoint_id"], listed["checkpoint_type"]) == ("weights/one", "training")
    assert client.http.delete(f"{base}/weights/one").status_code == 204
    assert client.http.delete(f"{base}/weights/one").status_code == 404
    assert client.http.get(base).json() == {"checkpoints": []}
    client.call("/save_weights", path="one")
    assert client.error is None


def test_a_full_disk_leaves_nothing_behind(client, monkeypatch):
    client.start()
    client.train(DATA)
    before = client.weights()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("trainer_service.storage.flush", full)
        client.call("/save_weights", path="one")
        assert (client.status, client.error) == (400, "DISK_FULL")
    folder = client.service.storage.folder((client.model_id, "weights", "one")).parent
    assert list(folder.iterdir()) == []
    assert same(client.weights(), before)
    client.call("/save_weights", path="one")
    assert client.error is None


KILLED = """
import sys, os, signal
from pathlib import Path
from trainer_service.storage import Storage
storage = Storage(Path(sys.argv[1]))
def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def fill(folder):
    (folder / "state.safetensors").write_bytes(b"half of it")
    if sys.argv[3] == "writing":
        kill()
if sys.argv[3] == "flushing":
    import trainer_service.storage
    trainer_service.storage.flush = kill
storage.write(("m", "weights", sys.argv[2]), {}, fill)
"""


@pytest.mark.parametrize("moment", ["writing", "flushing"])
def test_a_kill_during_a_save_leaves_the_older_checkpoint_whole_and_no_new_one(tmp_path, moment):
    storage = Storage(tmp_path)
    place = ("m", "weights", "old")
    manifest = storage.write(place, {}, lambda folder: (folder / "state.safetensors").write_bytes(b"whole") and None)
    here = Path(__file__).parent.parent
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "new", moment], cwd=here, env={**os.environ, "PYTHONPATH": str(here)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = list((tmp_path / "runs/m/weights").glob(".new-*"))
    assert len(left) == 1, "it was killed while it wrote"
    again = Storage(tmp_path)
    assert [found for found, _ in again.checkpoints("m")] == [place]
    assert again.read(place, check=True) == manifest
    assert not left[0].exists()


def test_a_restart_restores_sessions_and_models_at_their_last_checkpoint(tmp_path, toy_base):
    first = Client(tmp_path / "service", {"toy": toy_base}).start()
    first.train(DATA)
    save = {"model_id": first.model_id, "seq_id": 3, "path": "one"}
    result = first.wait(first.post("/save_weights", save))
    saved = first.weights()
    first.number = 3
    first.train(DATA)
    lost = first.weights()

    second = Client(tmp_path / "service", {"toy": toy_base})
    second.model_id = first.model_id
    assert same(second.weights(), saved)
    info = second.post("/get_info", {"model_id": first.model_id})
    assert (info["seq_id"], info["step"], info["restored_from"]) == (3, 1, result["path"])
    assert info["boot_id"] != first.service.boot_id
    second.post("/session_heartbeat", {"session_id": first.session_id})
    assert second.error is None
    assert second.wait(second.post("/save_weights", save)) == result, "the save's own answer survives"
    second.wait(second.post("/save_weights", {"model_id": first.model_id, "path": "unnumbered"}))
    assert second.post("/weights_info", {"tinker_path": f"tinker://{first.model_id}/weights/unnumbered"})["seq_id"] == 3
    second.number = 5
    second.send("/optim_step", adam_params=ADAM)
    assert (second.status, second.error) == (409, "SEQUENCE_GAP"), "a client that noticed nothing is stopped"
    second.number = 3
    second.train(DATA)
    assert same(second.weights(), lost), "the lost step, made again"


def test_a_restart_passes_a_damaged_checkpoint_over_and_leaves_unloaded_models_alone(tmp_path, toy_base):
    first = Client(tmp_path / "service", {"toy": toy_base}).start()
    first.train(DATA)
    first.call("/save_weights", path="good")
    good = first.weights()
    first.train(DATA)
    first.call("/save_weights", path="damaged")
    (first.service.storage.folder((first.model_id, "weights", "damaged")) / "optimizer.pt").write_bytes(b"")
    kept = first.model_id
    first.start()
    first.wait(first.post("/unload_model", {"model_id": first.model_id}))
    second = Client(tmp_path / "service", {"toy": toy_base})
    assert list(second.service.runs) == [kept]
    second.model_id = kept
    assert same(second.weights(), good)


@pytest.mark.parametrize("lora", [None, {"rank": 4, "alpha": 16}])
def test_the_archive_is_the_trained_model_merged(tmp_path, client, lora):
    client.start(lora)
    for _ in range(3):
        client.train(DATA, rate=3e-3)
    client.call("/save_weights_for_sampler", path="v1")
    trained = client.logprobs(DATA)
    archive = client.http.get(f"/api/v1/training_runs/{client.model_id}/checkpoints/sampler_weights/v1/archive")
    assert archive.headers["content-type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
        tar.extractall(tmp_path / "archive")
    model, _ = load_checkpoint(tmp_path / "archive")
    assert (tmp_path / "archive/model-f16.gguf").stat().st_size > 0
    for datum, expected in zip(DATA, trained):
        ids, targets = datum["model_input"]["chunks"][0]["tokens"], datum["loss_fn_inputs"]["target_tokens"]["data"]
        with torch.no_grad():
            found = model(torch.tensor([ids]))[0].log_softmax(-1).gather(1, torch.tensor(targets)[:, None])[:, 0]
        # f16 keeps 11 bits: weights are off by up to 2⁻¹², log-probabilities of this toy by some 10⁻³.
        torch.testing.assert_close(found, torch.tensor(expected), atol=0.02, rtol=0)
    assert not list(client.service.storage.runs.glob("*/*.tar.gz"))
    if lora:
        adapter = load_file(tmp_path / "archive/adapter/adapter_model.safetensors")
        assert all(name.startswith("base_model.model.model.layers.") for name in adapter)


def test_the_archived_adapter_on_its_base_is_the_trained_model(tmp_path, client):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    client.start({"rank": 4, "alpha": 16})
    for _ in range(3):
        client.train(DATA, rate=3e-3)
    client.call("/save_weights_for_sampler", path="v1")
    archive = client.http.get(f"/api/v1/training_runs/{client.model_id}/checkpoints/sampler_weights/v1/archive")
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
        tar.extractall(tmp_path / "archive")
    base = client.service.runs[client.model_id].base.folder
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), tmp_path / "archive/adapter").eval()
    for datum, expected in zip(DATA, client.logprobs(DATA)):
        ids, targets = datum["model_input"]["chunks"][0]["tokens"], datum["loss_fn_inputs"]["target_tokens"]["data"]
        with torch.no_grad():
            found = model(torch.tensor([ids])).logits[0].log_softmax(-1).gather(1, torch.tensor(targets)[:, None])[:, 0]
        # The adapter is written in f32, so nothing is rounded.
        torch.testing.assert_close(found, torch.tensor(expected), atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("lora", [None, {"rank": 4, "alpha": 16}])
def test_merged_weights_before_rounding_equal_the_trained_model(client, lora):
    from policy_trainer.export import shape_of
    from policy_trainer.model import Llama
    from trainer_service.export import merged_weights

    client.start(lora)
    for _ in range(3):
        client.train(DATA, rate=3e-3)
    engine = client.service.runs[client.model_id].engine
    model = Llama(shape_of(engine.base.config))
    model.load_state_dict(merged_weights(engine))
    ids = torch.tensor([DATA[0]["model_input"]["chunks"][0]["tokens"]])
    targets = torch.tensor(DATA[0]["loss_fn_inputs"]["target_tokens"]["data"])
    with torch.no_grad():
        found = model(ids)[0].log_softmax(-1).gather(1, targets[:, None])[:, 0]
    torch.testing.assert_close(found, torch.tensor(client.logprobs(DATA[:1])[0]), atol=2e-5, rtol=1e-5)
