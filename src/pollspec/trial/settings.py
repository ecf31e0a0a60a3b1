"""What is known of a target beforehand: who may ask, what may be asked about, what it is known to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.version import Version

from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.credentials import Renewal
from pollspec.trial.wire.limits import Limits

Given = Mapping[str, Any]
"""An identifier: expression -> value."""

USUAL_POLLS, MOST_POLLS, OFTENEST, PATIENCE = 60, 120, 0.1, 3.0
"""Polls of an operation that lasts as usual, and at most; the shortest interval (s); times that it may last longer."""


@dataclass(frozen=True)
class Polls:
    """How a running operation is followed: seconds between polls, seconds at most, polls after its end.

    `lasts`: seconds that an operation usually takes.
    """

    every: float | None = None
    at_most: float | None = None
    after_end: int = 2
    lasts: float | None = None

    def paced(self, every: float) -> Polls:
        """The same, with what follows from `lasts` in place of what was not given. `every`: the document's interval.

        An operation is polled 60 times while it lasts as usual; at the document's interval where that is shorter,
        but 120 times at most; never more than ten times a second. After three times its usual time it is given up.
        """
        if self.lasts is None:
            return self
        interval = max(OFTENEST, min(self.lasts / USUAL_POLLS, every), self.lasts / MOST_POLLS)
        return replace(self, every=self.every or interval, at_most=self.at_most or PATIENCE * self.lasts)


@dataclass(frozen=True)
class Known:
    """An identifier, and what the user says of it: its stage, or values by JSON pointer, or both.

    `login`: the credential that asks about it; `where`: the file and line that say so.
    """

    name: str
    given: Given
    stage: str | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)
    login: str = "default"
    where: str = ""


@dataclass(frozen=True)
class Body:
    """What starts something. `leads_to`: the subject that is started by it."""

    content: Any
    leads_to: str | None = None


@dataclass(frozen=True)
class Claimant:
    """Who claims something of which product. `artifact`: the digest of what is tested, or ""."""

    name: str = ""
    product: str = ""
    artifact: str = ""


@dataclass
class Settings:
    """What a target file says. `credentials`: name -> expression -> value; `subjects`: name -> identifiers.

    `kinds`: credential -> default, accepted, refused, unprivileged or invalid; `logins`: subject -> the credential that
    asks about each of its identifiers; `renewals`: how credentials are got anew; `headers`: further ones of every
    request to the target; `known`: what identifiers show; `places`: subject or
    credential -> the file and line that name it; `crossing`, `malformed`: expression -> values of another
    zone, tenant or cluster, and values that no identifier has; `bodies`: operation -> what may start something;
    `wrong_logins`: how many wrong ones may be tried beside those that are listed;
    `starts`: what to send for more starts than the beliefs ask for, as a polite server's cards have it; `polite`: it is
    one, so that the document's own examples may be sent.
    """

    credentials: dict[str, Mapping[str, str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    renewals: dict[str, Renewal] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, list[Given]] = field(default_factory=dict)
    logins: dict[str, list[str]] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    crossing: dict[str, list[Any]] = field(default_factory=dict)
    malformed: dict[str, list[Any]] = field(default_factory=dict)
    bodies: dict[str, list[Body]] = field(default_factory=dict)
    starts: list[Given] = field(default_factory=list)
    polite: bool = False
    base_path: str | None = None
    allow_writes: bool = False
    try_wrong_logins: bool = True
    wrong_logins: int = 1
    polls: Polls = field(default_factory=Polls)
    limits: Limits = field(default_factory=Limits)
    tls: Tls = field(default_factory=Tls)
    product_version: Version | None = None
    claimant: Claimant = field(default_factory=Claimant)

    def of_kind(self, kind: str) -> list[str]:
        """The names of the credentials of a kind; one that nothing was said of is of the kind that it is called."""
        return [name for name in self.credentials if self.kinds.get(name, name) == kind]

    def identifiers(self, subject: str) -> list[tuple[Given, str]]:
        """Each identifier of a subject, with the credential that asks about it."""
        several = self.subjects.get(subject, [])
        return list(zip(several, self.logins.get(subject, ["default"] * len(several)), strict=True))

    def body(self, operation: str) -> Any:
        """The first body given for an operation; None where there is none."""
        return next((body.content for body in self.bodies.get(operation, [])), None)
