import json

import pytest
import torch

from .service_client import TOKEN, Client, prompt, toy_datum

ADAM = {"learning_rate": 1e-3}


def loss_body(data, loss="cross_entropy", **more):
    return {"forward_backward_input": {"data": data, "loss_fn": loss, **more}}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_only_the_holder_of_the_token_is_answered(client):
    for headers in ({"authorization": "Bearer wrong"}, {"authorization": TOKEN}, {"authorization": ""}):
        answer = client.http.post("/api/v1/create_session", json={}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_WRONG")
    assert client.http.get("/api/v1/healthz", headers={"authorization": ""}).json()["status"] == "ready"


def test_it_is_not_ready_before_models_are_restored(client):
    client.service.ready = False
    for answer in (client.http.get("/api/v1/healthz"), client.http.post("/api/v1/create_session", json={})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "STARTING")


def test_training_lowers_the_loss_and_counts_steps(client):
    client.start()
    data = [toy_datum(seed) for seed in range(4)]
    losses = []
    for _ in range(8):
        losses.append(client.call("/forward_backward", **loss_body(data))["metrics"]["loss:sum"])
        client.call("/optim_step", adam_params={"learning_rate": 3e-3})
    assert losses[-1] < losses[0] / 2
    info = client.post("/get_info", {"model_id": client.model_id})
    assert (info["seq_id"], info["step"], info["is_lora"]) == (16, 8, False)
    assert info["parameters"] == info["trainable_parameters"] == sum(p.numel() for p in client.weights().values())


def test_the_same_number_and_body_is_computed_once(client):
    client.start()
    body = {"model_id": client.model_id, "seq_id": 1, **loss_body([toy_datum(1)])}
    first = client.post("/forward_backward", body)
    assert client.post("/forward_backward", body) == first
    result = client.wait(first)
    assert client.wait(client.post("/forward_backward", body)) == result
    step = {"model_id": client.model_id, "seq_id": 2, "adam_params": ADAM}
    norm = client.wait(client.post("/optim_step", step))["metrics"]["grad_norm"]
    stepped = client.weights()
    assert client.wait(client.post("/optim_step", step))["step"] == 1
    assert same(client.weights(), stepped)
    fresh = client.start()
    fresh.call("/forward_backward", **loss_body([toy_datum(1)]))
    assert fresh.call("/optim_step", adam_params=ADAM)["metrics"]["grad_norm"] == norm, "the gradient was added once"


def test_a_number_is_not_used_for_another_body_nor_out_of_order(client):
    client.start()
    client.train([toy_datum(1)])
    before = client.weights()
    for number, body, code in ((1, loss_body([toy_datum(2)]), "SEQUENCE_REUSED"), (7, loss_body([toy_datum(2)]), "SEQUENCE_GAP")):
        answer = client.post("/forward_backward", {"model_id": client.model_id, "seq_id": number, **body})
        assert (client.status, client.error, answer["error"]["expected"]) == (409, code, 3)
    client.post("/optim_step", {"model_id": client.model_id, "seq_id": 1, "adam_params": ADAM})
    assert (client.status, client.error) == (409, "SEQUENCE_REUSED")
    assert same(client.weights(), before)


NAN, INFINITY = float("nan"), float("inf")
REFUSALS = [
    ("ppo", {"advantages": [NAN] * 12}, 400, "VALUE_NOT_FINITE"),
    ("ppo", {"advantages": [1e39] * 12}, 400, "VALUE_NOT_FINITE"),
    ("ppo", {"logprobs": [-INFINITY] * 12}, 400, "VALUE_NOT_FINITE"),
    ("cross_entropy", {"weights": [NAN] * 12}, 400, "VALUE_NOT_FINITE"),
    ("cross_entropy", {"weights": [None] * 12}, 422, "BODY_INVALID"),
    ("ppo", {"logprobs": [0.1] * 12}, 400, "LOGPROB_POSITIVE"),
    ("ppo", {"logprobs": [-1.0] * 11}, 400, "LENGTH_MISMATCH"),
    ("cross_entropy", {"target_tokens": [1] * 13}, 400, "LENGTH_MISMATCH"),
    ("cross_entropy", {"target_tokens": [99_999] * 12}, 400, "TOKEN_OUT_OF_RANGE"),
    ("cross_entropy", {"target_tokens": [-1] * 12}, 400, "TOKEN_OUT_OF_RANGE"),
    ("cross_entropy", {"target_tokens": [1.5] * 12}, 400, "TOKEN_OUT_OF_RANGE"),
    ("cross_entropy", {"rewards": [1.0] * 12}, 400, "INPUT_UNKNOWN"),
    ("dro", {}, 400, "LOSS_UNKNOWN"),
]


@pytest.mark.parametrize("loss, replaced, status, code", REFUSALS)
def test_bad_data_is_refused_and_nothing_changes(client, loss, replaced, status, code):
    client.start()
    good, bad = toy_datum(1), toy_datum(2, **replaced)
    client.call("/forward_backward", **loss_body([good]))
    before, gradient = client.weights(), [g.clone() for g in client.service.runs[client.model_id].engine.gradient]
    body = {"model_id": client.model_id, "seq_id": 2, **loss_body([good, bad], loss)}
    # json.dumps writes NaN and Infinity, which the service must not let through.
    answer = client.http.post("/api/v1/forward_backward", content=json.dumps(body), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()["error"]) >= {"code", "message", "hint", "category"}
    assert same(client.weights(), before)
    assert all(torch.equal(one, other) for one, other in zip(gradient, client.service.runs[client.model_id].engine.gradient))
    client.call("/optim_step", adam_params=ADAM)
    assert client.error is None, "the refused call did not use its number up"


def test_other_bad_bodies_are_refused(client):
    client.start()
    before = client.weights()
    datum, missing, empty, long = toy_datum(1), toy_datum(1), toy_datum(1, 0), toy_datum(1, 200)
    del missing["loss_fn_inputs"]["weights"]
    big = toy_datum(1)
    big["model_input"]["chunks"][0]["tokens"][3] = 10**30
    fb, path = "/forward_backward", f"tinker://{client.model_id}/weights/none"
    params = {"max_tokens": 4}
    cases = [
        (fb, loss_body([missing]), 400, "INPUT_MISSING"),
        (fb, loss_body([empty]), 400, "DATA_EMPTY"),
        (fb, loss_body([]), 400, "DATA_EMPTY"),
        (fb, loss_body([long]), 400, "CONTEXT_EXCEEDED"),
        (fb, loss_body([big]), 400, "TOKEN_OUT_OF_RANGE"),
        (fb, loss_body([datum], "ppo", loss_fn_config={"clip_low_threshold": 1.3}), 400, "LOSS_CONFIG_INVALID"),
        (fb, loss_body([datum], "ppo", loss_fn_config={"beta": 0.1}), 400, "LOSS_CONFIG_INVALID"),
        (fb, loss_body([datum], "ppo", loss_fn_config={"clip_low_threshold": NAN}), 400, "LOSS_CONFIG_INVALID"),
        (fb, loss_body([datum], "cross_entropy", loss_fn_config={"clip_low_threshold": 0.5}), 400, "LOSS_CONFIG_INVALID"),
        (fb, {}, 422, "BODY_INVALID"),
        ("/optim_step", {"adam_params": {"learning_rate": NAN}}, 422, "BODY_INVALID"),
        ("/optim_step", {"adam_params": {"learning_rate": -1.0}}, 422, "BODY_INVALID"),
        ("/optim_step", {"adam_params": {"learning_rate": 0.1, "eps": 0.0}}, 422, "BODY_INVALID"),
        ("/optim_step", {"adam_params": {"learning_rate": 0.1, "momentum": 0.9}}, 422, "BODY_INVALID"),
        ("/save_weights", {"path": "../out"}, 400, "NAME_INVALID"),
        ("/save_weights", {"path": ".hidden"}, 400, "NAME_INVALID"),
        ("/load_weights", {"path": "/etc/passwd"}, 400, "PATH_INVALID"),
        ("/load_weights", {"path": "tinker://../weights/x"}, 400, "NAME_INVALID"),
        ("/load_weights", {"path": path}, 404, "CHECKPOINT_UNKNOWN"),
        ("/asample", {"prompt": prompt([1]), "sampling_params": params}, 400, "SAMPLER_AMBIGUOUS"),
        ("/asample", {"prompt": prompt([1]), "sampling_params": params, "sampling_session_id": "e-0"}, 404, "SAMPLER_UNKNOWN"),
        ("/asample", {"prompt": prompt([1] * 126), "sampling_params": params, "base_model": "toy"}, 400, "CONTEXT_EXCEEDED"),
        ("/asample", {"prompt": prompt([9_999]), "sampling_params": params, "base_model": "toy"}, 400, "TOKEN_OUT_OF_RANGE"),
        ("/asample", {"prompt": prompt([1]), "sampling_params": {}, "base_model": "toy"}, 422, "BODY_INVALID"),
        ("/asample", {"prompt": prompt([1]), "sampling_params": {**params, "min_p": 0.1}, "base_model": "toy"}, 422, "BODY_INVALID"),
        ("/retrieve_future", {"request_id": "r-0"}, 404, "FUTURE_UNKNOWN"),
        ("/session_heartbeat", {"session_id": "s-0"}, 404, "SESSION_UNKNOWN"),
        ("/nowhere", {}, 404, "ROUTE_UNKNOWN"),
    ]
    for route, body, status, code in cases:
        content = json.dumps({"model_id": client.model_id, "seq_id": 1, **body})
        answer = client.http.post(f"/api/v1{route}", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), (route, body, answer.json())
    answer = client.http.post("/api/v1/create_session", content="{", headers={"content-type": "application/json", "content-length": str(65 * 2**20)})
    assert answer.status_code == 413
    for base, more, status, code in (("nothing", {}, 400, "BASE_UNKNOWN"), ("toy", {"base_sha256": "0"}, 409, "BASE_MISMATCH"), ("toy", {"tokenizer_sha256": "0"}, 409, "BASE_MISMATCH")):
        client.post("/create_model", {"session_id": client.session_id, "base_model": base, "lora_config": None, **more})
        assert (client.status, client.error) == (status, code)
    assert same(client.weights(), before)


def test_a_step_without_a_gradient_and_a_loss_that_overflows_fail_and_change_nothing(client):
    client.start()
    before = client.weights()
    client.call("/optim_step", adam_params=ADAM)
    assert (client.status, client.error) == (400, "GRADIENT_MISSING")
    datum = toy_datum(1, weights=[3e38] * 12)
    client.call("/forward_backward", **loss_body([datum]))
    assert (client.status, client.error) == (400, "LOSS_NOT_FINITE")
    assert client.service.runs[client.model_id].engine.gradient is None
    assert same(client.weights(), before)


def test_a_future_under_way_is_408_and_a_full_queue_429(tmp_path, toy_base):
    import threading

    client = Client(tmp_path / "service", {"toy": toy_base}, queue_limit=2).start()
    gate = threading.Event()
    client.service.jobs.submit("wait", lambda: {"opened": gate.wait(20)})
    answer = client.send("/forward", forward_input={"data": [toy_datum(1)], "loss_fn": "cross_entropy"})
    client.post("/retrieve_future", {"request_id": answer["request_id"], "timeout_seconds": 0.05})
    assert (client.status, client.error) == (408, "FUTURE_PENDING")
    client.send("/forward", forward_input={"data": [toy_datum(1)], "loss_fn": "cross_entropy"})
    assert (client.status, client.error) == (429, "QUEUE_FULL")
    gate.set()
    assert client.wait(answer)["type"] == "forward"
    client.call("/forward", forward_input={"data": [toy_datum(1)], "loss_fn": "cross_entropy"})
    assert client.error is None, "the number is free"


def test_a_session_without_heartbeat_ends_and_its_checkpoints_stay(tmp_path, toy_base):
    client = Client(tmp_path / "service", {"toy": toy_base}, session_timeout=0.5).start()
    client.train([toy_datum(1)])
    path = client.call("/save_weights", path="kept")["path"]
    client.service.sessions[client.session_id] -= 10
    client.post("/session_heartbeat", {"session_id": client.session_id})
    assert client.error is None, "it came late, but before anyone looked"
    client.service.sessions[client.session_id] -= 10
    old = client.model_id
    client.start()
    client.post("/get_info", {"model_id": old})
    assert (client.status, client.error) == (404, "MODEL_UNKNOWN")
    client.call("/load_weights", path=path)
    assert client.error is None


def test_unloading_ends_a_model(client):
    client.start()
    client.wait(client.post("/unload_model", {"model_id": client.model_id}))
    client.send("/optim_step", adam_params=ADAM)
    assert (client.status, client.error) == (404, "MODEL_UNKNOWN")
    runs = client.http.get("/api/v1/training_runs").json()["training_runs"]
    assert [(run["training_run_id"], run["loaded"]) for run in runs] == [(client.model_id, False)]
