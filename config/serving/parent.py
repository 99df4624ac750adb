"""Children of ``serve`` end when it is gone: kill -9 of the parent would leave web worker and jobs running for ever."""

import logging
import os
import signal
import threading
import time

logger = logging.getLogger(__name__)

# Set by serve for its children, and only they obey it: a command started by hand may outlive its shell.
VARIABLE = "DESKGATE_SERVE_PID"
POLL_SECONDS = 1.0
GRACE_SECONDS = 20.0


def end_with_parent() -> threading.Thread | None:
    """In a child of ``serve``, watch the parent from a daemon thread: when it is gone, SIGTERM to this process, and a
    hard end ``GRACE_SECONDS`` later. Does nothing (None) in any other process."""
    parent = os.environ.get(VARIABLE, "")
    if not parent.isdecimal() or os.getpid() == int(parent):
        return None
    watcher = threading.Thread(target=_watch, args=(int(parent),), name="parent-watcher", daemon=True)
    watcher.start()
    return watcher


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    logger.warning("the serve process is gone, ending")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
