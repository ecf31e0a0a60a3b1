"""A polite server in this process, served on loopback by a thread: for the tests of clients, whatever their style."""

from __future__ import annotations

import contextlib
import functools
import itertools
import pathlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pollspec.document.expressions import parse
from pollspec.document.loader import load
from pollspec.errors import UsageError, nearest
from pollspec.servers import scenarios
from pollspec.servers.clock import Clock
from pollspec.servers.control import Controlled, Seen
from pollspec.servers.polite import Mock
from pollspec.servers.serving import listening, server

if TYPE_CHECKING:
    from pollspec.document.vendor import Belief, Vendor
    from pollspec.doors.clients.recorder import Recorder as Judged
    from pollspec.judge.verdict import Finding


@functools.lru_cache(maxsize=16)
def _loaded(vendor: str, changed: int) -> Vendor:
    """A document, read once, unless its file has changed since."""
    return load(vendor)


def _changed(vendor: str) -> int:
    """When the file of a document was last written; a known name's is not written to."""
    path = pathlib.Path(vendor)
    return path.stat().st_mtime_ns if path.is_file() else 0


class Hosted:
    """A server. `url`: where it is, with the document's base path behind it; `exchanges`: what it was asked, in order.

    `clock`: its time; `headers`: those of the credential that it accepts. Raises UsageError for a scenario, a fault, a
    subject or a stage that there is not. What only a fault or a judgement needs is imported when it is needed, so that
    a server starts at once.
    """

    def __init__(
        self,
        vendor: str,
        scenario: str | None = None,
        fault: str | None = None,
        polls: int | None = None,
        duration: float | None = None,
        anyone: str | None = None,
        cards: Sequence[str] = (),
    ) -> None:
        document, self.clock = _loaded(vendor, _changed(vendor)), Clock()
        played = scenarios.find(document, scenario) if scenario else None
        polls = polls or (4 if duration is None else None)
        self.mock = Mock(document, self.clock, duration or 10.0, polls, played, self.clock.wait, anyone, cards)
        self.vendor = self.mock.vendor
        self._controlled = Controlled(self.mock, self.clock, self._spoilt(fault or (played.fault if played else None)))
        self._closing = contextlib.ExitStack()
        self._sock, self.origin = self._closing.enter_context(listening(0))
        self.url = self.origin + self.vendor.base_path
        self._server = server(self._controlled)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with self._closing:
            self._server.run(sockets=[self._sock])

    def _spoilt(self, fault: str | None) -> Any:
        """The server with its fault; None where it has none."""
        if fault is None:
            return None
        from pollspec.servers import faults

        return faults.Impolite(self.mock, self.vendor, faults.find(self.vendor, fault), pause=self.clock.wait)

    @property
    def exchanges(self) -> list[Seen]:
        """What was asked and answered, in order."""
        return list(self._controlled.seen)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the credential that is accepted."""
        return {parse(text).name: str(value) for text, value in self.vendor.credentials.get("default", {}).items()}

    def given(self, subject: str) -> dict[str, Any]:
        """A subject's identifiers, by the names of their parameters."""
        if subject not in self.vendor.subjects:
            raise UsageError(f"there is no subject {subject!r}", nearest(subject, self.vendor.subjects))
        return {parse(text).name: value for text, value in self.vendor.subjects[subject].given.items()}

    def hold(self, stage: str, subject: str | None = None) -> None:
        """Have whatever comes to a stage stay there, or a subject alone, until it is moved on."""
        self.mock.hold(stage, subject)

    def move_on(self, subject: str | None = None) -> None:
        """Have everything go on to its next stage, or a subject alone."""
        self.mock.move_on(subject)

    @property
    def findings(self) -> list[tuple[Belief, Finding]]:
        """What the judge finds in the answers: of a polite server nothing."""
        return [(v.belief, finding) for v in self._judged().verdicts().values() for finding in v.findings]

    def summary(self) -> str:
        """What was asked and answered, the same once, and what the judge finds in it."""
        judged = self._judged()
        every = ((one.request, one.answer) for one in self.exchanges)
        asked = itertools.groupby(f"{request.method} {request.target} -> {answer.status}" for request, answer in every)
        lines = [line if (number := len(list(same))) == 1 else f"{line} ({number} times)" for line, same in asked]
        found = any(verdict.findings for verdict in judged.verdicts().values())
        return judged.masks.mask("\n".join([*lines, "", judged.broken() if found else "the judge finds nothing"]))

    def _judged(self) -> Judged:
        """What was answered so far, judged; nobody is held to an end that the scenario plays otherwise."""
        from pollspec.doors.clients.recorder import Recorder as Judged
        from pollspec.doors.recording import Passage, of_traffic
        from pollspec.trial.target import cards

        known, otherwise = cards(self.vendor), self.mock.scenario.misplayed(self.vendor)
        subjects = {name: givens for name, givens in known.subjects.items() if name not in otherwise}
        settings = replace(known, subjects=subjects)
        judged = Judged(self.vendor, of_traffic(self.vendor), "a client's tests", settings=settings)
        for one in self.exchanges:
            asked, times = one.request, (one.start, one.end)
            url = f"{self.origin}{asked.target}"
            judged.add(Passage(asked.method, url, asked.headers, asked.content, one.answer, *times, complete=True))
        return judged

    def close(self) -> None:
        """Let it end; nobody waits for that, because it takes longer than to start the next one."""
        self._server.should_exit = True
