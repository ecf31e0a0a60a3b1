"""From the words of a command to a target: embedded, a URL, or a target file."""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Callable

from .messages import Missing, header
from .mock import SERVER, Mock
from .plan import build
from .target import Clock, Polls, Settings, Target, cards, embedded, live
from .targetfile import check_url, read
from .transports import Application
from .vendor import Vendor

POLLS_TO_THE_END = 12
"""How often an embedded polite server is polled before it is at its end."""
PATIENCE = 4
"""After how many times that an embedded server is given up."""


Wrap = Callable[[Application, Clock], Application]


@dataclasses.dataclass(frozen=True)
class Where:
    """What was typed. `url` or `file`; neither means the embedded polite server."""

    url: str | None = None
    file: str | None = None
    allow_writes: bool = False
    interval: float | None = None


def reach(vendor: Vendor, where: Where) -> Target:
    """The target that was asked for; its first request is sent only where it must be found out what it is."""
    if where.file:
        url, settings, masks = read(where.file, vendor)
        target = _live(vendor, where, where.url or url, settings)
        target.masks.include(masks)
        return target
    if where.url:
        return _unknown(vendor, where, check_url(where.url))
    return polite(vendor)


def polite(vendor: Vendor, wrap: Wrap | None = None) -> Target:
    """The embedded polite server on a virtual clock, or what `wrap` makes of it."""
    every = max((lifecycle.every for lifecycle in vendor.lifecycles.values()), default=1.0)
    duration = POLLS_TO_THE_END * every
    settings = dataclasses.replace(cards(vendor), polls=Polls(at_most=PATIENCE * duration))

    def make(clock: Clock) -> Application:
        server = Mock(vendor, clock, duration=duration)
        return wrap(server, clock) if wrap else server

    return embedded(vendor, make, settings)


def _live(vendor: Vendor, where: Where, url: str, settings: Settings) -> Target:
    settings.allow_writes = settings.allow_writes or where.allow_writes
    if where.interval:
        settings.polls = dataclasses.replace(settings.polls, every=where.interval)
    return live(vendor, url, settings)


def _unknown(vendor: Vendor, where: Where, url: str) -> Target:
    """A URL alone: a polite server says so in its Server header, and takes the document's test cards."""
    path = urllib.parse.urlsplit(url).path.rstrip("/")
    bare = Settings(base_path=path or None, credentials={"default": {}})
    bare.credentials |= {name: value for name, value in vendor.credentials.items() if name == "invalid"}
    target = _live(vendor, where, url, bare)
    asked = next((operation for operation in vendor.operations.values() if not operation.writes), None)
    if asked is None:
        return target
    first = target.send(build(vendor, asked, {}), "none")
    server = header(first.answer.headers, "server") if first.answer else ""
    if isinstance(server, Missing) or not server.startswith(f"{SERVER} "):
        return target
    settings = dataclasses.replace(cards(vendor), base_path=bare.base_path, allow_writes=where.allow_writes)
    settings.polls = dataclasses.replace(settings.polls, every=where.interval or 0.5, at_most=60.0)
    polite = _live(vendor, where, url, settings)
    target.close()
    return polite
