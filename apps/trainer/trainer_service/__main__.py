"""`python -m trainer_service --folder F --state S --base NAME=FOLDER`: runs until it is told to end, or its standard input closes."""

import argparse
import json
import os
import secrets
import socket
import sys
import threading
from pathlib import Path


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="trainer_service", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="runs and checkpoints")
    parser.add_argument("--state", type=Path, required=True, help="where address and token are written once it is ready")
    parser.add_argument("--base", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="cuda where there is one; it computes in bf16, a CPU in f32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--supervised", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def watch(state: Path) -> None:
    while os.read(0, 1):  # Not sys.stdin: its lock, held here, would break the end of an interpreter that failed.
        pass
    end(state)


def end(state: Path) -> None:
    """At once: a call under way would hold the process, and checkpoints are whole or absent."""
    if state.exists() and json.loads(state.read_text())["pid"] == os.getpid():
        state.unlink()
    os._exit(0)


def log(line: str) -> None:
    try:
        print(f"{now()} {line}", flush=True)
    except OSError:
        pass  # Whoever read it is gone, which the watch of standard input deals with.


def serve() -> None:
    torch.set_num_threads(asked.threads)
    device = asked.device or ("cuda" if torch.cuda.is_available() else "cpu")
    bases = {name: Path(folder) for name, folder in (pair.split("=", 1) for pair in asked.base)}
    service = Service(Settings(asked.folder, bases, device, bf16=device == "cuda"), log)
    token = os.environ.get("SKILLRL_TRAINER_TOKEN") or secrets.token_urlsafe(32)
    listener = socket.create_server((asked.host, asked.port), family=socket.AF_INET6 if ":" in asked.host else socket.AF_INET)
    port = listener.getsockname()[1]
    url = f"http://{f'[{asked.host}]' if ':' in asked.host else asked.host}:{port}/api/v1"
    state = {"version": 1, "url": url, "port": port, "pid": os.getpid(), "token": token, "boot_id": service.boot_id, "device": device}

    def start() -> None:
        try:
            service.restore()
            write_state(asked.state, {**state, "started_at": now()})
            log(f"ready on {url}, {device}")
        except BaseException as error:
            log(f"could not start: {error!r}")
            os._exit(1)

    threading.Thread(target=start, daemon=True).start()
    uvicorn.Server(uvicorn.Config(make_app(service, token), access_log=False, log_level="warning")).run(sockets=[listener])


def write_state(path: Path, state: dict[str, object]) -> None:
    """Whole or not at all, and for nobody else to read: it has the token."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(state, indent=2) + "\n")
    temporary.replace(path)


asked = options()
if asked.supervised:  # Whoever started us holds the other end. Watched from the first moment on: imports take seconds.
    threading.Thread(target=watch, args=[asked.state], daemon=True).start()

import torch  # noqa: E402
import uvicorn  # noqa: E402

from .app import make_app  # noqa: E402
from .service import Service, Settings  # noqa: E402
from .storage import now  # noqa: E402

serve()
end(asked.state)
