"""The queue: one call at a time, in order; results kept for a while; numbered calls computed once."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from .errors import ServiceError, from_exception

KEPT_BYTES = 256 * 2**20
KEPT_CALLS = 4096


class Jobs:
    def __init__(self, limit: int, log: Callable[[str], None]):
        self.limit, self.log = limit, log
        self.executor = ThreadPoolExecutor(1, "trainer")
        self.futures: OrderedDict[str, Future[bytes]] = OrderedDict()

    def submit(self, name: str, work: Callable[[], dict[str, Any]]) -> str:
        waiting = sum(not future.done() for future in self.futures.values())
        if waiting >= self.limit:
            raise ServiceError(429, "QUEUE_FULL", f"{waiting} calls wait.", "Await results before sending more; try again in a second.")
        return self.keep(self.executor.submit(self.run, name, work))

    def finished(self, result: dict[str, Any]) -> str:
        """A name for a result that is known already."""
        future: Future[bytes] = Future()
        future.set_result(json.dumps(result).encode())
        return self.keep(future)

    def keep(self, future: Future[bytes]) -> str:
        """Names it, and drops the oldest results beyond what is kept."""
        sizes = {name: size_of(kept) for name, kept in self.futures.items() if kept.done()}
        while sizes and (len(self.futures) >= KEPT_CALLS or sum(sizes.values()) > KEPT_BYTES):
            oldest = next(iter(sizes))
            del sizes[oldest], self.futures[oldest]
        request_id = f"r-{secrets.token_hex(8)}"
        self.futures[request_id] = future
        return request_id

    def run(self, name: str, work: Callable[[], dict[str, Any]]) -> bytes:
        started, outcome = time.monotonic(), "ok"
        try:
            return json.dumps(work()).encode()
        except BaseException as error:
            known = from_exception(error)
            outcome = known.code
            if outcome == "INTERNAL":
                self.log(traceback.format_exc())
            raise known from error
        finally:
            self.log(f"{name} {outcome} {(time.monotonic() - started) * 1000:.0f} ms")

    async def result(self, request_id: str, timeout: float) -> bytes:
        """The result as JSON; raises what the call failed with, or that it still runs."""
        if request_id not in self.futures:
            raise ServiceError(404, "FUTURE_UNKNOWN", f"There is no request '{request_id}'.", "Old results are dropped, and all of them by a restart.")
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self.futures[request_id])), timeout)
        except asyncio.TimeoutError:
            raise ServiceError(408, "FUTURE_PENDING", "It still runs.", "Ask again.") from None


def size_of(future: Future[bytes]) -> int:
    return 0 if future.exception() else len(future.result())


class Numbers:
    """The numbered calls of one model or session: the same number and body give the same answer."""

    def __init__(self, last: int = 0):
        self.last = last
        self.calls: OrderedDict[int, tuple[str, dict[str, Any]]] = OrderedDict()

    def once(self, number: int | None, digest: str, begin: Callable[[], dict[str, Any]], in_order: bool = True) -> dict[str, Any]:
        """What `begin` answers, now or when the number was new; a refusal by it leaves the number free."""
        if number is None:
            return begin()
        if number in self.calls:
            its_digest, answer = self.calls[number]
            if its_digest != digest:
                raise self.refusal("SEQUENCE_REUSED", f"Number {number} was used for another body", "Read get_info, load the last checkpoint.")
            return answer
        if in_order and number != self.last + 1:
            code, what = ("SEQUENCE_FORGOTTEN", "is past and its result gone") if number <= self.last else ("SEQUENCE_GAP", "is not the next one")
            raise self.refusal(code, f"Number {number} {what}", "If boot_id changed, the service restarted: go on from get_info's restored_from.")
        answer = begin()
        self.accept(number, digest, answer)
        return answer

    def accept(self, number: int, digest: str, answer: dict[str, Any]) -> None:
        self.last = max(self.last, number)
        self.calls[number] = (digest, answer)
        if len(self.calls) > KEPT_CALLS:
            self.calls.popitem(last=False)

    def refusal(self, code: str, what: str, hint: str) -> ServiceError:
        return ServiceError(409, code, f"{what}; the next one is {self.last + 1}.", hint, expected=self.last + 1)
