"""A trial of one vendor against a URL on a virtual clock, with the report a user would see."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from pollspec.document import loader
from pollspec.reports import files, terminal
from pollspec.reports.report import Report, Row
from pollspec.reports.rows import gather
from pollspec.trial.selection import Plan
from pollspec.trial.target import Polls, Settings, Target
from pollspec.trial.trial import Trial
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.pace import VirtualClock
from pollspec.trial.wire.transports import Live

VENDOR = "rocket_chat"
"""A vendor whose one operation needs no subject."""

TOKEN = "tok-7f/3b+9Q==e1~x"
CREDENTIALS = {"default": {"$request.header.X-Auth-Token": TOKEN, "$request.header.X-User-Id": "user-5512"}}


def is_friend(request: bytes) -> bool:
    """Whether a request brings both headers of the default credential."""
    return f"X-Auth-Token: {TOKEN}\r\n".encode() in request and b"X-User-Id: user-5512\r\n" in request


LIMITS = Limits(timeout=20, pause=30)


@dataclass(frozen=True)
class Tried:
    """What came of a trial: `printed` and `written` are the terminal's and the JSON report."""

    trial: Trial
    report: Report
    printed: str
    written: str

    @property
    def target(self) -> Target:
        """The target, with its exchanges."""
        return self.trial.target

    def rows(self, outcome: str) -> list[Row]:
        """The beliefs that met an outcome."""
        return [found for found in self.report.rows if found.outcome == outcome]

    def row(self, ending: str) -> Row:
        """The belief whose id ends so."""
        return next(found for found in self.report.rows if found.id.endswith(ending))

    def troubles(self) -> set[str]:
        """How answers were lost."""
        return {exchange.trouble for exchange in self.target.exchanges if exchange.trouble}


def settings(**changed: Any) -> Settings:
    """Settings for a hostile server: few polls."""
    made = Settings(credentials=dict(CREDENTIALS), limits=LIMITS, polls=Polls(every=1, at_most=3))
    return dataclasses.replace(made, **changed)


def tried(
    url: str,
    given: Settings | None = None,
    name: str = VENDOR,
    strict: bool = False,
    examples: int = 0,
    clock: Callable[[VirtualClock], object] = lambda clock: None,
) -> Tried:
    """Hold a server to a vendor's document; `clock` is told the run's own, before anything is asked."""
    vendor, given = loader.load(name), given or settings()
    target = Target(vendor, Live(url, given.limits, given.tls), virtual := VirtualClock(), given, url)
    clock(virtual)
    return judged(Trial(vendor, lambda: target, Plan(examples=examples, strict=strict), vendor.beliefs))


def judged(trial: Trial) -> Tried:
    """The report of a trial, as a user would see it."""
    report = Report("test", trial.plan.seed, trial.plan.strict)
    trial.run()
    gather(report, trial, "pollspec test")
    printed = io.StringIO()
    terminal.show(report, Console(file=printed, width=200, highlight=False))
    json.loads(written := files.FORMATS["json"](report))
    return Tried(trial, report, printed.getvalue(), written)
