"""Processes, one at a time: how long each took, on how much of the processor, with how much memory at most."""

from __future__ import annotations

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SCRIPTS = pathlib.Path(sys.executable).parent
"""Where the commands of this environment are."""
ROOT = pathlib.Path(__file__).resolve().parents[3]
LAUNCHED = pathlib.Path(__file__).with_name("launched.py")
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
    words = [sys.executable, "-I", "-S", str(LAUNCHED), str(kept), str(patience), *command]
    ended = subprocess.run(words, stdout=subprocess.PIPE, cwd=folder, check=True)
    return Ran(output=kept.read_text(encoding="utf-8", errors="replace"), **json.loads(ended.stdout))


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
