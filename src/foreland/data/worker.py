"""A module of ours run as a program beside this one, so that it needs nothing of the caller's program."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path


class Worker:
    """A process that answers each message with a line, started when first asked and again after each end.

    Parameters
    ----------
    module, arguments
        What is run, and the words it is given.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self.words = [sys.executable, "-P", "-m", module, *arguments]
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, message: bytes) -> bytes | None:
        """The line that it answers; None where it ended before it had answered, for want of memory perhaps."""
        process = self.process
        if process is None or process.poll() is not None:
            process = self.process = self._started()
        # Another thread may end it meanwhile: what was started is asked, not what is there by then.
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError, ValueError):
            process.stdin.write(message)
            process.stdin.flush()
        line = process.stdout.readline()
        return line if line.endswith(b"\n") else None

    def end(self, at_once: bool = False) -> int | None:
        """End it, when it has done what it does or at once; gives its exit code, None where none ran."""
        process, self.process = self.process, None
        if process is None:
            return None
        if at_once:
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        process.wait()
        process.stdout.close()
        return process.returncode

    def _started(self) -> subprocess.Popen[bytes]:
        package = str(Path(__file__).parents[2])
        search = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
        return subprocess.Popen(
            self.words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": search, "PYTHONUTF8": "1"},
            start_new_session=True,  # Ctrl-C is the parent's, which ends its workers itself
        )
