"""What is played to a client in one trial: a subject of the polite server, and the bait that is put in its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Subject, Vendor
from pollspec.grading.ground import Ground
from pollspec.servers.faults.fault import Scene
from pollspec.servers.scenarios.scenario import Scenario

NEVER = Answer(0)
"""In place of an answer: none comes."""
NOTHING_SPECIAL = Answer(200, (("content-type", "application/json"),), b"{}")
"""What is found where a redirect leads, if that is no bait."""


@dataclass(frozen=True)
class Moment:
    """When a request comes: as which of its operation (0: the first), and by the clock on the wall (seconds, UTC).

    `poll`: it is for the operation that is polled; `elsewhere`: the base URL of another origin.
    """

    number: int
    poll: bool
    wall: float
    elsewhere: str


Instead = Callable[[Request, Moment], Answer | None]
"""An answer without the polite server, which does not move on; None leaves it."""
Edit = Callable[[Scene, Moment], Answer | None]
"""Another answer in place of the polite server's; None leaves it."""


def untouched(given: object, moment: Moment) -> None:
    """No bait."""


@dataclass(frozen=True)
class Play:
    """One trial of one ground. `vendor`: the document as it is played; `scenario`: what the polite server plays of it.

    `credential`: whose name the client is given; `starts`: the client is to start an instance itself; `endless`: no end
    is ever shown, so that the client is given a short deadline; `target`: what is found where a redirect leads.
    """

    trial: str
    ground: Ground
    vendor: Vendor
    subject: Subject
    scenario: Scenario
    instead: Instead = untouched
    edit: Edit = untouched
    credential: str = "default"
    starts: bool = False
    endless: bool = False
    target: Answer = NOTHING_SPECIAL
