"""The queue: one call at a time, in order; results kept for a while; numbered calls computed once."""

from __future__ import annotations

import asyncio
import itertools
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
        self.waiting, self.sizes, self.names = 0, {}, itertools.count(1)
        # Of this process: a name from before a restart must not meet another call's result.
        self.prefix = f"r-{secrets.token_hex(4)}"

    def submit(self, name: str, work: Callable[[], dict[str, Any]]) -> str:
        if self.waiting >= self.limit:
            raise ServiceError(429, "QUEUE_FULL", f"{self.waiting} calls wait.", "Await results before sending more; try again in a second.")
        self.waiting += 1
        self.forget()
        return self.keep(self.executor.submit(self.run, name, work))

    def keep(self, future: Future[bytes]) -> str:
        request_id = f"{self.prefix}-{next(self.names)}"
        self.futures[request_id] = future
        future.add_done_callback(lambda done: self.sizes.update({request_id: 0 if done.exception() else len(done.result())}))
        return request_id

    def finished(self, result: dict[str, Any]) -> str:
        """A name for a result that is known already."""
        future: Future[bytes] = Future()
        future.set_result(json.dumps(result).encode())
        return self.keep(future)

    def run(self, name: str, work: Callable[[], dict[str, Any]]) -> bytes:
        started = time.monotonic()
        outcome = "ok"
        try:
            return json.dumps(work()).encode()
        except BaseException as error:
            known = from_exception(error)
            outcome = known.body["error"]["code"]
            if outcome == "INTERNAL":
                self.log(traceback.format_exc())
            raise known from error
        finally:
            self.waiting -= 1
            self.log(f"{name} {outcome} {(time.monotonic() - started) * 1000:.0f} ms")

    async def result(self, request_id: str, timeout: float) -> bytes:
        """The result as JSON; raises what the call failed with, or that it still runs."""
        future = self.futures.get(request_id)
        if future is None:
            raise ServiceError(404, "FUTURE_UNKNOWN", f"There is no request '{request_id}'.", "Old results are dropped, and all of them by a restart.")
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), timeout)
        except asyncio.TimeoutError:
            raise ServiceError(408, "FUTURE_PENDING", "It still runs.", "Ask again.") from None

    def forget(self) -> None:
        """Drop the oldest finished results beyond what is kept."""
        while len(self.futures) > KEPT_CALLS or sum(list(self.sizes.values())) > KEPT_BYTES:
            oldest = next((name for name, future in self.futures.items() if name in self.sizes), None)
            if oldest is None:
                return
            del self.futures[oldest]
            del self.sizes[oldest]


class Numbers:
    """The numbered calls of one model or session: the same number and body give the same request."""

    def __init__(self, last: int = 0):
        self.last = last
        self.calls: OrderedDict[int, tuple[str, str]] = OrderedDict()

    def known(self, number: int, digest: str, in_order: bool = True) -> str | None:
        """The request of this number, nothing when it is new; raises when it cannot be accepted."""
        if number in self.calls:
            its_digest, request_id = self.calls[number]
            if its_digest != digest:
                message = f"Number {number} was used for another body; the next one is {self.last + 1}."
                raise ServiceError(409, "SEQUENCE_REUSED", message, "The client's state is behind: read get_info, load the last checkpoint.", expected=self.last + 1)
            return request_id
        if in_order and number != self.last + 1:
            code, what = ("SEQUENCE_FORGOTTEN", "is past and its result gone") if number <= self.last else ("SEQUENCE_GAP", "is not the next one")
            message = f"Number {number} {what}; the next one is {self.last + 1}."
            raise ServiceError(409, code, message, "If boot_id changed, the service restarted: go on from get_info's restored_from.", expected=self.last + 1)
        return None

    def accept(self, number: int, digest: str, request_id: str) -> None:
        self.last = max(self.last, number)
        self.calls[number] = (digest, request_id)
        if len(self.calls) > KEPT_CALLS:
            self.calls.popitem(last=False)
