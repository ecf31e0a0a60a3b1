"""Processes, one at a time: how long each took, on how much of the processor, with how much memory at most."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SCRIPTS = pathlib.Path(sys.executable).parent
"""Where the commands of this environment are."""
ROOT = pathlib.Path(__file__).resolve().parents[3]
PATIENCE = 300.0
"""Seconds after which a process is ended."""


@dataclass(frozen=True)
class Ran:
    """A process that is over. `wall`, `processor`: seconds; `memory`: MB (10^6 bytes) resident at most.

    `code`: its exit code; below 0: the signal that ended it.
    """

    code: int
    output: str
    wall: float
    processor: float
    memory: float


def run(command: Sequence[str], folder: pathlib.Path, patience: float = PATIENCE) -> Ran:
    """Run a command to its end, or until it has lasted too long; its output goes to a file in a folder."""
    kept = folder / "output.txt"
    begun = time.perf_counter()
    with kept.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
        watch = threading.Timer(patience, child.kill)
        watch.start()
        _, status, used = os.wait4(child.pid, 0)
        watch.cancel()
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    text = kept.read_text(encoding="utf-8", errors="replace")
    return Ran(child.returncode, text, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


@contextlib.contextmanager
def running(command: Sequence[str], folder: pathlib.Path) -> Iterator[subprocess.Popen[str]]:
    """A process that serves while the block runs; its standard output can be read."""
    with (folder / "errors.txt").open("w", encoding="utf-8") as errors:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder)
        try:
            yield child
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def processor_of(child: subprocess.Popen[str]) -> float:
    """Seconds of the processor that a running process has used so far (Linux; 0 elsewhere)."""
    try:
        fields = pathlib.Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
