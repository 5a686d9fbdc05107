"""A toy language in the shape of the games: the number of the room named in the head is where the model must go."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from policy_trainer.episodes import Demonstration, TokenisedEpisodes, tokenise_episodes
from policy_trainer.export import export_checkpoint
from policy_trainer.model import Llama, ModelShape
from policy_trainer.tokenizer import padded_size, train_tokenizer

from .service_client import Client

torch.set_num_threads(1)


def toy_demonstrations(count: int, seed: int = 0) -> list[Demonstration]:
    draw = random.Random(seed)
    places = ["desk", "shelf", "drawer"]
    demonstrations = []
    for number in range(count):
        place = f"{draw.choice(places)} {draw.randint(1, 9)}"
        segments = [(f"task put a mug in desk\nfact mug 1 in {place}\n", "context"), (f"sure {draw.randint(0, 10)}\n", "confidence"), (">", "context")]
        if draw.random() < 0.3:
            segments += [(" open mug 1\n", "noise"), (" nothing happens\n>", "context")]
        segments += [(f" go to {place}\n", "action"), (" mug 1\n>", "context"), (f" take mug 1 from {place}\n", "action")]
        demonstrations.append(Demonstration(f"toy-{number}", "facts", segments))
    return demonstrations


@pytest.fixture(scope="session")
def demonstrations() -> list[Demonstration]:
    return toy_demonstrations(300)


@pytest.fixture(scope="session")
def tokenizer(demonstrations):
    return train_tokenizer(d.text for d in demonstrations)


@pytest.fixture(scope="session")
def shape(tokenizer) -> ModelShape:
    return ModelShape(vocabulary=padded_size(tokenizer), width=64, layers=2, heads=2, feed_forward=96, context=128)


@pytest.fixture(scope="session")
def episodes(demonstrations, tokenizer) -> TokenisedEpisodes:
    return tokenise_episodes(demonstrations, tokenizer, context=128)


@pytest.fixture
def token_files(tmp_path: Path, episodes: TokenisedEpisodes) -> Path:
    episodes.save(tmp_path / "train.npz")
    return tmp_path


@pytest.fixture(scope="session")
def toy_base(tmp_path_factory, shape, tokenizer) -> Path:
    """A checkpoint of two layers, its weights large enough that its distributions are not flat."""
    model = Llama(shape).initialise(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(4)
    folder = tmp_path_factory.mktemp("toy")
    export_checkpoint(model, tokenizer, "toy", folder, {})
    return folder


@pytest.fixture
def client(tmp_path, toy_base) -> Client:
    return Client(tmp_path / "service", {"toy": toy_base})
