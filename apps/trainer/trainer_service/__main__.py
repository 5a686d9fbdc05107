"""`python -m trainer_service --folder F --state S --base NAME=FOLDER`: runs until it is told to end, or its standard input closes."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path


class Ending:
    """Whoever started us with `--supervised` holds the other end of standard input. Watched from the first moment on: imports take seconds."""

    def __init__(self) -> None:
        self.server = None
        if "--supervised" in sys.argv:
            threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        while sys.stdin.buffer.read(1):
            pass
        if self.server is None:
            os._exit(0)
        self.server.should_exit = True
        time.sleep(2)
        os._exit(0)


ending = Ending()

import torch  # noqa: E402
import uvicorn  # noqa: E402

from .app import make_app  # noqa: E402
from .service import Service, Settings  # noqa: E402
from .storage import now  # noqa: E402


def log(line: str) -> None:
    try:
        print(f"{now()} {line}", flush=True)
    except OSError:
        pass  # Whoever read it is gone, which the watch of standard input deals with.


def main() -> None:
    parser = argparse.ArgumentParser(prog="trainer_service", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="runs and checkpoints")
    parser.add_argument("--state", type=Path, required=True, help="where address and token are written once it is ready")
    parser.add_argument("--base", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=("f32", "bf16"), help="arithmetic; bf16 on a GPU, f32 on a CPU")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--queue-limit", type=int, default=64)
    parser.add_argument("--session-timeout", type=float, default=900, help="seconds")
    parser.add_argument("--supervised", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.folder.mkdir(parents=True, exist_ok=True)
    bases = {name: Path(folder) for name, folder in (pair.split("=", 1) for pair in options.base)}
    bf16 = (options.dtype or ("bf16" if options.device == "cuda" else "f32")) == "bf16"
    service = Service(Settings(options.folder, bases, options.device, bf16, options.queue_limit, options.session_timeout), log)
    token = os.environ.get("SKILLRL_TRAINER_TOKEN") or secrets.token_urlsafe(32)
    listener = socket.create_server((options.host, options.port), family=socket.AF_INET6 if ":" in options.host else socket.AF_INET)
    server = uvicorn.Server(uvicorn.Config(make_app(service, token), access_log=False, log_level="warning"))

    def start() -> None:
        try:
            service.restore()
            write_state(options.state, options.host, listener.getsockname()[1], token, service)
            log(f"ready on {options.host}:{listener.getsockname()[1]}, {options.device}, {'bf16' if bf16 else 'f32'}")
        except BaseException as error:
            log(f"could not start: {error!r}")
            os._exit(1)

    threading.Thread(target=start, daemon=True).start()
    ending.server = server
    server.run(sockets=[listener])
    if options.state.exists() and json.loads(options.state.read_text())["pid"] == os.getpid():
        options.state.unlink()
    os._exit(0)  # A call under way would hold the process; checkpoints are whole or absent.


def write_state(path: Path, host: str, port: int, token: str, service: Service) -> None:
    shown = f"[{host}]" if ":" in host else host
    where = {"url": f"http://{shown}:{port}/api/v1", "port": port, "pid": os.getpid(), "token": token}
    state = {"version": 1, **where, "boot_id": service.boot_id, "device": service.settings.device, "started_at": now()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w") as file:
        file.write(json.dumps(state, indent=2) + "\n")
    temporary.replace(path)


main()
