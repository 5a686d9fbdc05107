"""The same work in several processes that end together: when one fails, when the parent is told to end, and when it is killed."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any


class WorkerError(RuntimeError):
    """A process ended with an error; its own message is on stderr."""


def run_processes(work: Callable[..., None], arguments: tuple[Any, ...], count: int) -> None:
    """Call `work(rank, *arguments)` in `count` fresh processes and wait for all. `work` must be importable by name."""
    context = multiprocessing.get_context("spawn")
    # Daemons are ended by Python when the parent exits, also by an exception or a handled signal.
    workers = [context.Process(target=run_worker, args=(work, rank, arguments), daemon=True) for rank in range(count)]
    for worker in workers:
        worker.start()
    try:
        watch(workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


def watch(workers: list[Any]) -> None:
    """Wait until all have ended well, or one has not."""
    running = list(workers)
    while running:
        wait([worker.sentinel for worker in running])
        # Asked once: an exit code can appear between two questions, and a failure that only the second one sees would be lost.
        codes = [worker.exitcode for worker in running]
        failed = [code for code in codes if code not in (None, 0)]
        if failed:
            raise WorkerError(f"A worker process ended with status {failed[0]}; its own message is above.")
        running = [worker for worker, code in zip(running, codes) if code is None]


def run_worker(work: Callable[..., None], rank: int, arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    work(rank, *arguments)


def end_with_parent() -> None:
    """A killed parent runs no clean-up, so every worker watches it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
