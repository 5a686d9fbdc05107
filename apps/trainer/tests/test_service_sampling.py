import pytest
import torch

from .service_client import prompt, toy_datum
from .test_service_protocol import same

PROMPT = [5, 9, 40, 41]


def asample(client, count=1, **body):
    params = {"max_tokens": 12, **body.pop("sampling_params", {})}
    result = client.wait(client.post("/asample", {"prompt": prompt(PROMPT), "num_samples": count, "sampling_params": params, **body}))
    assert client.error is None, result
    return result["sequences"]


def forward_logprobs(client, tokens):
    """Of the continuation `tokens` of the prompt, by the training path."""
    ids = [*PROMPT, *tokens]
    ones = [1.0] * (len(ids) - 1)
    datum = {"model_input": prompt(ids[:-1]), "loss_fn_inputs": {"target_tokens": {"data": ids[1:]}, "weights": {"data": ones}}}
    return client.logprobs([datum])[0][len(PROMPT) - 1 :]


@pytest.fixture(params=["full", "lora"])
def trained(request, client):
    client.start({"rank": 4} if request.param == "lora" else None)
    client.train([toy_datum(1)])
    return client


def test_log_probabilities_are_those_of_forward_whatever_was_drawn_from(trained):
    path = trained.call("/save_weights_for_sampler", path="v1")["path"]
    for params in ({"temperature": 1, "seed": 3}, {"temperature": 0}, {"temperature": 0.5, "top_k": 5, "top_p": 0.9}):
        for sequence in asample(trained, 3, model_path=path, sampling_params=params):
            assert sequence["logprobs"] == pytest.approx(forward_logprobs(trained, sequence["tokens"]), abs=1e-5)


def test_temperature_zero_is_the_greedy_path_of_forward(trained):
    path = trained.call("/save_weights_for_sampler", path="v1")["path"]
    [first, second] = asample(trained, 2, model_path=path, sampling_params={"temperature": 0})
    assert first["tokens"] == second["tokens"]
    engine = trained.service.runs[trained.model_id].engine
    ids = list(PROMPT)
    with torch.no_grad():
        for _ in range(12):
            ids.append(int(engine.network(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    assert first["tokens"] == ids[len(PROMPT) :]


def test_one_sample_at_temperature_one_is_drawn_and_a_seed_repeats_it(trained):
    session = trained.call("/save_weights_for_sampler")["sampling_session_id"]
    draws = [asample(trained, sampling_session_id=session)[0]["tokens"] for _ in range(4)]
    assert len({tuple(draw) for draw in draws}) > 1
    seeded = [asample(trained, 4, sampling_session_id=session, sampling_params={"seed": 7}) for _ in range(2)]
    assert seeded[0] == seeded[1]
    assert len({tuple(sequence["tokens"]) for sequence in seeded[0]}) > 1


def test_draws_follow_the_probabilities(client):
    client.start()
    session = client.call("/save_weights_for_sampler")["sampling_session_id"]
    sequences = asample(client, 1000, sampling_session_id=session, sampling_params={"max_tokens": 1, "seed": 1})
    by_token = {s["tokens"][0]: s["logprobs"][0] for s in sequences}
    for token, logprob in by_token.items():
        p = torch.tensor(logprob).exp().item()
        share = sum(s["tokens"][0] == token for s in sequences) / 1000
        assert abs(share - p) < 5 * (p * (1 - p) / 1000) ** 0.5 + 2e-3


def test_old_sampler_versions_are_stable_and_leave_the_trainer_alone(trained):
    path = trained.call("/save_weights_for_sampler", path="v1")["path"]
    session = trained.call("/save_weights_for_sampler")["sampling_session_id"]
    greedy = {"sampling_params": {"temperature": 0}}
    old = asample(trained, model_path=path, **greedy)
    trained.train([toy_datum(2)], rate=1e-2)
    weights = trained.weights()
    assert asample(trained, model_path=path, **greedy) == old
    assert asample(trained, sampling_session_id=session, **greedy) == old
    assert same(trained.weights(), weights)
    new = trained.call("/save_weights_for_sampler")["sampling_session_id"]
    [sequence] = asample(trained, sampling_session_id=new, **greedy)
    assert sequence["logprobs"] != old[0]["logprobs"], "a new version sees the step"
    assert sequence["logprobs"] == pytest.approx(forward_logprobs(trained, sequence["tokens"]), abs=1e-5)
    trained.wait(trained.post("/unload_model", {"model_id": trained.model_id}))
    assert asample(trained, model_path=path, **greedy) == old, "after its model was unloaded, too"


def test_the_fifth_ephemeral_version_drops_the_first(client):
    client.start()
    sessions = [client.call("/save_weights_for_sampler")["sampling_session_id"] for _ in range(5)]
    asample(client, sampling_session_id=sessions[1])
    client.post("/asample", {"prompt": prompt(PROMPT), "sampling_params": {"max_tokens": 1}, "sampling_session_id": sessions[0]})
    assert (client.status, client.error) == (404, "SAMPLER_UNKNOWN")


def test_stop_ids_end_a_sequence_and_are_part_of_it(client):
    client.start()
    [free] = asample(client, base_model="toy", sampling_params={"temperature": 0})
    stop = free["tokens"][3]
    [stopped] = asample(client, base_model="toy", sampling_params={"temperature": 0, "stop": [stop]})
    place = free["tokens"].index(stop) + 1
    assert (stopped["tokens"], stopped["stop_reason"], free["stop_reason"]) == (free["tokens"][:place], "stop", "length")
    assert stopped["logprobs"] == pytest.approx(free["logprobs"][:place], abs=1e-6)


def test_prompt_log_probabilities_and_a_sampling_session_of_the_base(client):
    client.start()
    made = client.post("/create_sampling_session", {"session_id": client.session_id, "base_model": "toy"})
    body = {"prompt": prompt([*PROMPT, 7]), "sampling_params": {"max_tokens": 1}, "prompt_logprobs": True, "sampling_session_id": made["sampling_session_id"], "seq_id": 4}
    first = client.post("/asample", body)
    assert client.post("/asample", body) == first
    result = client.wait(first)
    assert result["prompt_logprobs"][0] is None
    assert result["prompt_logprobs"][len(PROMPT)] == pytest.approx(forward_logprobs(client, [7])[0], abs=1e-5)
    client.post("/asample", {**body, "num_samples": 2})
    assert (client.status, client.error) == (409, "SEQUENCE_REUSED")
