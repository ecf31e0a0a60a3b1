"""From the words of a command to a target: embedded, a URL, or a target file."""

from __future__ import annotations

import dataclasses
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from pollspec.document.expressions import parse
from pollspec.document.messages import Missing, header
from pollspec.document.vendor import Vendor
from pollspec.errors import Unreachable, UsageError
from pollspec.servers.answers import SERVER
from pollspec.servers.polite import Mock
from pollspec.trial.background import Background
from pollspec.trial.request import build
from pollspec.trial.settings import OFTENEST
from pollspec.trial.target import Polls, Settings, Target, cards, embedded, live
from pollspec.trial.targetfile import product_version
from pollspec.trial.wire.logins import TOKEN, check_header
from pollspec.trial.wire.pace import BudgetSpent, Clock
from pollspec.trial.wire.sources import NoSecret, usable
from pollspec.trial.wire.transports import Application
from pollspec.trial.wire.urls import check_url

POLLS_TO_THE_END = 12
"""How often an embedded polite server is polled before it is at its end."""
PATIENCE = 4
"""After how many times that an embedded server is given up."""


Wrap = Callable[[Application, Clock], Application]


@dataclasses.dataclass(frozen=True)
class Destination:
    """What was typed. `url` or `file`; neither means the embedded polite server. What is None is not overruled."""

    url: str | None = None
    file: str | None = None
    allow_writes: bool = False
    interval: float | None = None
    rate: float | None = None
    max_requests: int | None = None
    max_time: float | None = None
    insecure: bool = False
    headers: tuple[str, ...] = ()
    product_version: str | None = None
    no_wrong_logins: bool = False
    wrong_logins: int | None = None


def reach(found: Background, where: Destination) -> Target:
    """The target that was asked for; its first request is sent only where it must be found out what it is."""
    vendor = found.vendor
    if found.settings is not None:
        url, settings = found.url, found.settings
        if where.url:
            url = check_url(where.url)
            settings.base_path = urllib.parse.urlsplit(url).path or settings.base_path
        target = live(vendor, url, overruled(vendor, settings, where))
        target.masks.include(found.masks)
        return target
    if where.url:
        return _unknown(vendor, where, check_url(where.url))
    return polite(vendor, where=where)


def polite(
    vendor: Vendor, wrap: Wrap | None = None, where: Destination | None = None, played: Vendor | None = None
) -> Target:
    """The embedded polite server on a virtual clock, or what `wrap` makes of it.

    `played`: the document that it plays, where that is not the one that it is held to.
    """
    every = max((lifecycle.every for lifecycle in vendor.lifecycles.values()), default=1.0)
    duration = POLLS_TO_THE_END * every
    settings = dataclasses.replace(cards(vendor), polls=Polls(at_most=PATIENCE * duration))

    def make(clock: Clock) -> Application:
        server = Mock(played or vendor, clock, duration=duration)
        return wrap(server, clock) if wrap else server

    return embedded(vendor, make, overruled(vendor, settings, where or Destination()))


def overruled(vendor: Vendor, settings: Settings, where: Destination) -> Settings:
    """Settings with what was typed in place of what a target file says.

    A header by which the vendor knows its users is the default credential's, and is not sent where none must be.
    """
    typed = _headers(where.headers)
    signed = {parse(text).name.lower(): text for text in vendor.signing.places}
    own = {signed[name.lower()]: value for name, value in typed.items() if name.lower() in signed}
    further = {name: value for name, value in typed.items() if name.lower() not in signed}
    limits: dict[str, Any] = {"rate": where.rate, "requests": where.max_requests, "time": where.max_time}
    polls: dict[str, Any] = {"every": where.interval}
    new = dataclasses.replace(
        settings,
        allow_writes=settings.allow_writes or where.allow_writes,
        try_wrong_logins=settings.try_wrong_logins and not where.no_wrong_logins,
        wrong_logins=settings.wrong_logins if where.wrong_logins is None else where.wrong_logins,
        credentials={**settings.credentials, "default": {**settings.credentials.get("default", {}), **own}},
        headers={**settings.headers, **further},
        limits=dataclasses.replace(settings.limits, **_given(limits)),
        polls=dataclasses.replace(settings.polls, **_given(polls)),
    )
    if where.insecure:
        new.tls = dataclasses.replace(new.tls, verify=False)
    if where.product_version:
        new.product_version = product_version(where.product_version)
    return new


def _given(named: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value is not None}


def _headers(typed: tuple[str, ...]) -> dict[str, str]:
    """`Name: value` as name -> value; no error prints the value, nor what only might be a name."""
    found = {}
    for number, text in enumerate(typed, 1):
        name, colon, value = text.partition(":")
        if not colon or not TOKEN.fullmatch(name):
            raise UsageError(
                f"--header (the {number}. one) has no colon after the name of a header", "--header 'Name: value'"
            )
        try:
            check_header(name)
            found[name] = usable(value.strip())
        except (UsageError, NoSecret) as error:
            raise UsageError(f"--header {name!r}: {error.args[0]}", "--header 'Name: value'") from None
        if not found[name]:
            raise UsageError(f"--header {name!r}: there is no value", "--header 'Name: value'")
    return found


def _unknown(vendor: Vendor, where: Destination, url: str) -> Target:
    """A URL alone: a polite server says so in its Server header, and takes the document's test cards."""
    bare = Settings(base_path=urllib.parse.urlsplit(url).path or None, credentials={"default": {}})
    bare.credentials |= {name: value for name, value in vendor.credentials.items() if name == "invalid"}
    target = live(vendor, url, overruled(vendor, bare, where))
    asked = next((operation for operation in vendor.operations.values() if not operation.writes), None)
    if asked is None:
        return target
    try:
        first = target.send(build(vendor, asked, {}), "none")
    except (BudgetSpent, Unreachable):
        return target  # whose next request will say so again, where it is reported
    server = header(first.answer.headers, "server") if first.answer else ""
    if isinstance(server, Missing) or not server.startswith(f"{SERVER} "):
        return target
    settings = dataclasses.replace(cards(vendor), base_path=bare.base_path, allow_writes=where.allow_writes)
    settings.polls = dataclasses.replace(settings.polls, every=_pace(server), at_most=60.0)
    target.close()
    return live(vendor, url, overruled(vendor, settings, where))


def _pace(server: str) -> float:
    """Seconds between polls that suit a polite server: as often as an embedded one is polled."""
    told = re.search(r"; ([0-9.]{1,9}) s\)", server)
    return min(max(float(told[1]) / POLLS_TO_THE_END, OFTENEST), 1.0) if told else 0.5
