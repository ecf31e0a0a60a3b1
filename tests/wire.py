"""A live target without a socket: what leaves through the one door is written down, and a polite server answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.servers.polite import Mock
from pollspec.trial.target import Settings, Target
from pollspec.trial.wire.pace import VirtualClock

URL = "http://kiln.example"


class Wire:
    """A transport. `sent`: every request, as it would go over the wire."""

    def __init__(self, server: Mock) -> None:
        self.server = server
        self.sent: list[Request] = []

    def send(self, request: Request, *limits: Any) -> Answer:
        """The polite server's answer."""
        self.sent.append(request)
        path, _, query = request.target.partition("?")
        headers = [(name.lower(), value) for name, value in request.headers]
        return self.server.respond(request.method, path, query, headers, request.content)

    def send_at_once(self, requests: Sequence[Request], *limits: Any) -> list[Answer | None]:
        """Its answers, one after the other."""
        return [self.send(request) for request in requests]

    def close(self) -> None:
        """Nothing is open."""


def wired(vendor: Vendor, settings: Settings, duration: float = 60.0) -> tuple[Target, Wire]:
    """A target that is not embedded, on a virtual clock, and the wire to it."""
    clock = VirtualClock()
    wire = Wire(Mock(vendor, clock, duration=duration))
    return Target(vendor, wire, clock, settings, URL), wire
