"""The queue: one call at a time, in order; a named call is computed once; results are kept for a while."""

import asyncio
import json
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from .errors import ServiceError, from_exception

KEPT_BYTES = 256 * 2**20
KEPT_CALLS = 4096


class Call(NamedTuple):
    digest: str
    result: Future[bytes]

    def size(self) -> int:
        return len(self.result.result()) if self.result.done() and not self.result.exception() else 0


class Jobs:
    def __init__(self, limit: int, log: Callable[[str], None]):
        self.limit, self.log = limit, log
        self.executor = ThreadPoolExecutor(1, "trainer")
        # By their name, which is the request's id; oldest first.
        self.calls: dict[str, Call] = {}

    def knows(self, name: str, digest: str, **facts: int) -> bool:
        """Whether that call was made before. Refuses it when it had another body; `facts` go into the refusal."""
        if name in self.calls and self.calls[name].digest != digest:
            raise ServiceError("SEQUENCE_REUSED", "The number was used for another body.", **facts)
        return name in self.calls

    def submit(self, name: str, work: Callable[[], dict[str, Any]], digest: str = "") -> str:
        """Queues what a call does. Its answer says by `type` which call it was, which the log repeats."""
        waiting = sum(not call.result.done() for call in self.calls.values())
        if waiting >= self.limit:
            raise ServiceError("QUEUE_FULL", f"{waiting} calls wait.")
        return self.keep(name, digest, self.executor.submit(self.run, name, work))

    def keep(self, name: str, digest: str, result: Future[bytes]) -> str:
        """Drops the oldest results beyond what is kept, and adds one."""
        done = [old for old, call in self.calls.items() if call.result.done()]
        size = sum(call.size() for call in self.calls.values())
        while done and (size > KEPT_BYTES or len(self.calls) >= KEPT_CALLS):
            size -= self.calls.pop(done.pop(0)).size()
        self.calls[name] = Call(digest, result)
        return name

    def run(self, name: str, work: Callable[[], dict[str, Any]]) -> bytes:
        started, outcome = time.monotonic(), "ok"
        try:
            answer = work()
            outcome = answer.get("type", "ok")
            return json.dumps(answer).encode()
        except BaseException as error:
            known = from_exception(error)
            outcome = known.code
            if outcome == "INTERNAL":
                self.log(traceback.format_exc())
            raise known from error
        finally:
            self.log(f"{name} {outcome} {(time.monotonic() - started) * 1000:.0f} ms")

    async def result(self, name: str, timeout: float) -> bytes:
        """The result as JSON; raises what the call failed with, or that it still runs."""
        if name not in self.calls:
            raise ServiceError("FUTURE_UNKNOWN", f"There is no request '{name}'.")
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self.calls[name].result)), timeout)
        except asyncio.TimeoutError:
            raise ServiceError("FUTURE_PENDING", "It still runs.") from None
