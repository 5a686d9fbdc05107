"""Environments in a Node process, many at a time, over a pipe of JSON lines.

The protocol is that of `packages/environments/src/alfworld/compact/play-server.ts`: a request line is a list of operations,
the reply line a list of as many answers.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any, Protocol


class Environments(Protocol):
    def request(self, operations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """One answer for each operation, in order."""
        ...

    def close(self) -> None: ...


class EnvironmentProcessError(RuntimeError):
    """The environment process answered with an error, or died."""


class NodeEnvironments:
    def __init__(self, command: Sequence[str]):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def request(self, operations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        if not operations:
            return []
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(list(operations)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EnvironmentProcessError(f"The environment process ended with status {self.process.wait()}; its own message is above.")
        answers = json.loads(line)
        for operation, answer in zip(operations, answers, strict=True):
            if "error" in answer:
                raise EnvironmentProcessError(f"{answer['error']} (answer to {json.dumps(operation)})")
        return answers

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=10)
