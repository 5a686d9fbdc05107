"""Environments in a Node process, many at a time, over a pipe of JSON lines.

A request line is a list of `{"op": "reset", "slot", "game", "entries", …}` and `{"op": "step", "slot", "action"}`; the reply
line is a list in the same order of `{"slot", "text", "done", "won", "expert"}`. `text` is what the prompt grows by.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Reply:
    """`text` to append to the prompt; `expert` is what the expert would do next, where it was asked for and has an answer."""

    text: str
    done: bool = False
    won: bool = False
    expert: str | None = None


class Environments(Protocol):
    def request(self, operations: Sequence[dict[str, Any]]) -> list[Reply]: ...

    def close(self) -> None: ...


class EnvironmentProcessError(RuntimeError):
    """The environment process answered with an error, or died."""


class NodeEnvironments:
    def __init__(self, command: Sequence[str]):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def request(self, operations: Sequence[dict[str, Any]]) -> list[Reply]:
        if not operations:
            return []
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(list(operations)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EnvironmentProcessError(f"The environment process ended with status {self.process.wait()}; its own message is above.")
        replies = json.loads(line)
        if isinstance(replies, dict):
            replies = [replies]
        for reply in replies:
            if "error" in reply:
                raise EnvironmentProcessError(f"The environment answered: {reply['error']}")
        return [
            Reply(reply["text"], reply.get("done", False), reply.get("won", False), reply.get("expert")) for reply in replies
        ]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=10)
