"""The client's command: what it is told in its environment, and one run of it, which ends in time whatever it does."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from pollspec.document import expressions, pointers
from pollspec.errors import UsageError
from pollspec.grading.observation import Ended
from pollspec.grading.play import Play

TICK = 0.02
"""Seconds between two looks at a running command."""
FAREWELL = 1.0
"""Seconds that a command has to end by itself when it is told to."""
WORDS = 2_000
"""Bytes of what a command has printed last that are read."""

Client = Callable[[Mapping[str, str], Callable[[], bool]], Ended]
"""Runs a client with an environment, until it ends or is overdue."""


def environment(play: Play, url: str, interval: float, deadline: float) -> dict[str, str]:
    """What the client is told of a trial: names and values of its environment."""
    ground, subject = play.ground, play.subject
    variables = {
        "POLLSPEC_URL": url,
        "POLLSPEC_OPERATION": ground.view.operation,
        "POLLSPEC_DO": "start" if play.starts else "wait",
        "POLLSPEC_INTERVAL": f"{interval:g}",
        "POLLSPEC_DEADLINE": f"{deadline:g}",
    }
    given = {**({} if play.starts else subject.given), **ground.signature(subject, play.credential)}
    variables |= {variable(text): str(value) for text, value in given.items()}
    if play.starts and ground.start:
        variables["POLLSPEC_BODY"] = json.dumps(_body(play, ground.start.operation))
    return variables


def variable(text: str) -> str:
    """The name of the variable for an expression: POLLSPEC_PATH_TASK_ID, POLLSPEC_HEADER_X_USER_ID."""
    place, name = expressions.parse(text).parameter
    return f"POLLSPEC_{place}_{re.sub('[^0-9A-Za-z]', '_', name)}".upper()


def _body(play: Play, operation: str) -> object:
    """The document's example of a start, as the subject's card has it."""
    body = json.loads(json.dumps(play.vendor.operations[operation].body))
    for text, value in play.subject.starts_with.items():
        expression = expressions.parse(text)
        if expression.place == "body":
            pointers.put(body, expression.name, value)
    return body


class Command:
    """A command of the user's, run without a shell as a process group of its own, of which nothing is left after it."""

    def __init__(self, words: Sequence[str]) -> None:
        if not words or not words[0]:
            raise UsageError("there is no command to grade", "pollspec grade VENDOR -- python my_poller.py")
        if shutil.which(words[0]) is None:
            there = pathlib.Path(words[0]).exists()
            why, hint = ("may not be run", "name its interpreter") if there else ("is not found", "give its path")
            raise UsageError(f"the command {words[0]!r} {why}", hint)
        self.words = list(words)

    def __call__(self, environment: Mapping[str, str], overdue: Callable[[], bool]) -> Ended:
        """Run it once."""
        with tempfile.TemporaryFile() as output:
            process = self._begun(environment, output)
            try:
                code, moment = self._waited(process, overdue), time.monotonic()
            finally:
                self._end(process)
            return Ended(code, moment, _last_words(output))

    def _begun(self, environment: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLLSPEC_")}
        direct = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        try:
            return subprocess.Popen(
                self.words,
                env={**kept, **direct, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            why = f"the command {self.words[0]!r} cannot be run: {error.strerror}"
            raise UsageError(why, "name its interpreter") from None

    def _waited(self, process: subprocess.Popen[bytes], overdue: Callable[[], bool]) -> int | None:
        """The exit code, that of a signal as shells have it; None if it has to be ended."""
        while not overdue():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(TICK)
                return code if code >= 0 else 128 - code
        return None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End what is left of its group, first politely."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(FAREWELL)


def _last_words(output: IO[bytes]) -> str:
    """The last line that was printed."""
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - WORDS))
    lines = [line.strip() for line in output.read().decode("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")
