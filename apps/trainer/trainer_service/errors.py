"""One error class for everything the service refuses or fails at; `errors.json` has status and hint by code."""

import errno
import json
from pathlib import Path
from typing import Any

CODES = json.loads(Path(__file__).with_name("errors.json").read_text())


class ServiceError(Exception):
    """`code` is permanent; `facts` go into the answer's `error` beside the rest."""

    def __init__(self, code: str, message: str, **facts: Any):
        super().__init__(message)
        self.code, self.status = code, CODES[code]["status"]
        category = "server" if self.status >= 500 or code in ("INTERNAL", "DISK_FULL") else "user"
        self.body = {"error": {"code": code, "message": message, "hint": CODES[code]["hint"], "category": category, **facts}}


def from_exception(error: BaseException) -> ServiceError:
    """What failed, as an error that a client can read."""
    if isinstance(error, ServiceError):
        return error
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return ServiceError("DISK_FULL", f"The disk is full: {error}.")
    return ServiceError("INTERNAL", f"{type(error).__name__}: {error}")
