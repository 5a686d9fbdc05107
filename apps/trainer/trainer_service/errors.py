"""One error class for everything the service refuses or fails at."""

import errno
from typing import Any


class ServiceError(Exception):
    """`code` is permanent; `status` is that of the answer; `facts` go into the answer's `error` beside the rest."""

    def __init__(self, status: int, code: str, message: str, hint: str, **facts: Any):
        super().__init__(message)
        self.status, self.code = status, code
        category = "server" if status >= 500 or code in ("INTERNAL", "DISK_FULL") else "user"
        self.body = {"error": {"code": code, "message": message, "hint": hint, "category": category, **facts}}


def from_exception(error: BaseException, status: int = 400) -> ServiceError:
    """What failed, as an error that a client can read."""
    if isinstance(error, ServiceError):
        return error
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return ServiceError(status, "DISK_FULL", f"The disk is full: {error}.", "Free some space, or delete checkpoints, and send the call again.")
    return ServiceError(status, "INTERNAL", f"{type(error).__name__}: {error}", "The weights are those of before the call. The log has the trace.")
