"""One target of a fleet, tested by a process of its own, so that no run knows of another.

`python -m pollspec.doors.fleet.member` reads what to test from standard input, as JSON, and writes lines of JSON:
`said` (something to be announced), `asked` and `shows` (how far it is), at last `report`, or `error`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pollspec.errors import OwnError, PollspecError
from pollspec.judge.verdict import Verdict
from pollspec.reports.progress import latest
from pollspec.trial.ledger import Ledger

EVERY = 0.25
"""Seconds between two lines on how far a run is."""
Message = dict[str, Any]
Tell = Callable[[Message], object]


class Lines:
    """What is told of a run, as lines of JSON; where nobody reads them any more, the run ends."""

    def __init__(self, descriptor: int) -> None:
        self.out, self.due = os.fdopen(descriptor, "w", encoding="utf-8"), 0.0

    def tell(self, said: Message) -> None:
        """Write a line."""
        try:
            print(json.dumps(said), file=self.out, flush=True)
        except BrokenPipeError:
            raise KeyboardInterrupt from None

    def announced(self, line: str) -> None:
        """Say what will be done."""
        self.tell({"said": line})

    def heard(self, ledger: Ledger) -> None:
        """Say how far it is, now and then."""
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + EVERY
            self.tell({"asked": ledger.asked.total(), "shows": latest(ledger)})

    def judged(self, ledger: Ledger, verdicts: Sequence[Verdict]) -> None:
        """The report says it."""

    def close(self) -> None:
        """Nothing is left to do."""


def main() -> None:
    """Test what standard input says."""
    lines = Lines(os.dup(1))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    lines.tell(_tested(json.load(sys.stdin), lines))


def _tested(job: Mapping[str, Any], lines: Lines) -> Message:
    from pollspec.doors.ending import terminable
    from pollspec.doors.run import prepared

    options = {name: tuple(value) if isinstance(value, list) else value for name, value in job["options"].items()}
    try:
        going = prepared(job["vendor"], None, options)
        with terminable(going):
            return {"report": going.carried_out(lines).as_data()}
    except KeyboardInterrupt:
        return {"interrupted": True}
    except PollspecError as error:
        return {"error": str(error.args[0])}
    except BaseException as error:
        return {"error": str(OwnError.of(error).args[0])}


class Attempt:
    """A target that is tested by a process. `tell` is told how far it is."""

    def __init__(self, job: Mapping[str, Any], tell: Tell) -> None:
        self.job, self.tell = job, tell
        self._stopped = False
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def run(self) -> Message:
        """The last line of the process."""
        with self._lock:
            if self._stopped:
                return {"interrupted": True}
            process = self._process = _begun()
        assert process.stdin and process.stdout
        with process.stdin as stream:
            json.dump(self.job, stream)
        last: Message = {}
        with process.stdout as lines:
            for line in lines:
                self.tell(last := json.loads(line))
        ended = process.wait()
        lost = {"interrupted": True} if self._stopped else {"error": f"the process that tested it ended with {ended}"}
        return last if last.keys() & {"report", "error", "interrupted"} else lost

    def stop(self) -> None:
        """End it, as Ctrl-C does: what was learnt is still reported."""
        with self._lock:
            self._stopped = True
            if self._process and self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, whatever it does."""
        with self._lock:
            if self._process and self._process.poll() is None:
                self._process.kill()


def _begun() -> subprocess.Popen[str]:
    """A process of its own session: Ctrl-C reaches it through `stop` alone."""
    return subprocess.Popen(
        [sys.executable, "-m", "pollspec.doors.fleet.member"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


if __name__ == "__main__":
    main()
