"""A model and where it stands."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import Tensor

from .bodies import LoraConfig
from .engine import Base, Engine
from .jobs import Numbers


@dataclass
class Run:
    """A model. `executed` is the last number that the queue has begun."""

    model_id: str
    session_id: str
    base: Base
    lora: LoraConfig | None
    seed: int
    numbers: Numbers = field(default_factory=Numbers)
    executed: int = 0
    engine: Engine | None = None
    restored_from: str | None = None
    ephemeral: OrderedDict[str, dict[str, Tensor]] = field(default_factory=OrderedDict)
