import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policy_trainer import processes
from policy_trainer.processes import WorkerError, run_processes, watch

TRAINER = Path(__file__).resolve().parents[1]


def write_process_id_and_sleep(rank: int, folder: str) -> None:
    temporary = Path(folder) / f"{rank}.tmp"
    temporary.write_text(str(os.getpid()))
    temporary.rename(Path(folder) / str(rank))
    time.sleep(600)


def fail_as_the_first(rank: int) -> None:
    if rank == 0:
        raise SystemExit(7)
    time.sleep(600)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    # An orphan that has ended but was not collected yet is not running.
    status = Path(f"/proc/{process_id}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def wait_until(condition, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent(tmp_path, sent):
    program = (
        "import signal, sys; from policy_trainer.processes import run_processes; "
        "from tests.test_processes import write_process_id_and_sleep as work\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))\n"
        f"    run_processes(work, ({str(tmp_path)!r},), 2)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(TRAINER)}
    parent = subprocess.Popen([sys.executable, str(script)], env=environment, cwd=TRAINER, stderr=subprocess.DEVNULL)
    files = [tmp_path / str(rank) for rank in range(2)]
    assert wait_until(lambda: all(file.exists() for file in files))
    workers = [int(file.read_text()) for file in files]
    parent.send_signal(sent)
    parent.wait(timeout=60)
    assert wait_until(lambda: not any(is_running(worker) for worker in workers))


def test_a_failing_worker_ends_the_others_and_is_told():
    with pytest.raises(WorkerError, match="status 7"):
        run_processes(fail_as_the_first, (), 2)


class LateWorker:
    """Its sentinel is ready before its exit code is."""

    sentinel = 0

    def __init__(self, *codes: int | None):
        self.codes = list(codes)

    @property
    def exitcode(self) -> int | None:
        return self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]


def test_a_failure_that_is_known_a_moment_late_is_not_lost(monkeypatch):
    monkeypatch.setattr(processes, "wait", lambda sentinels: sentinels)
    with pytest.raises(WorkerError, match="status 7"):
        watch([LateWorker(None, 7), LateWorker(None, None, None, None, None, 0)])
