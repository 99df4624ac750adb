"""The jobs process beside the web server: started, restarted when it dies, ended with the server."""

import logging
import subprocess
import threading
from collections.abc import Sequence

logger = logging.getLogger(__name__)

FIRST_PAUSE = 1.0  # seconds before a restart; doubles to LONGEST_PAUSE while the child dies at once
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 20.0


class JobsChild:
    """Keeps one child process alive until ``stop``."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = list(command)
        self.process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jobs-keeper", daemon=True)
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the child and the thread that keeps it."""
        self._thread.start()

    def stop(self) -> None:
        """SIGTERM, wait ``STOP_SECONDS``, then kill."""
        self._stopping.set()
        with self._lock:
            process = self.process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(STOP_SECONDS)

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                # A group of its own: Ctrl-C reaches serve alone, which ends the child in order.
                self.process = subprocess.Popen(self.command, process_group=0)  # noqa: S603 - our own command
            steady = self._outlived(self.process, STEADY_SECONDS)
            code = self.process.wait()
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if steady else min(pause * 2, LONGEST_PAUSE)
            logger.error("the jobs process ended with code %s; starting it again in %.0f s", code, pause)
            self._stopping.wait(pause)

    @staticmethod
    def _outlived(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False
