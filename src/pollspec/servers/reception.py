"""What a request asks for, and what refuses it: read once, however often a client asks the same again."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from pollspec.document.messages import Headers, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Subject
from pollspec.servers.casting import Casting
from pollspec.servers.played import Played
from pollspec.servers.refusals import Refusals
from pollspec.servers.routes import Routes

KNOWN = 1024
"""Different requests that are remembered; those with a body are not."""


@dataclass(frozen=True)
class Asked:
    """A request for an operation of the document. `refusal`: what it is answered with, where it is refused.

    `card`: the subject whose test card it shows.
    """

    operation: Operation
    request: Request
    refusal: Played | None
    card: Subject | None


class Reception:
    """Reads requests; nothing in what it finds depends on what was asked before."""

    def __init__(self, routes: Routes, refusals: Refusals, casting: Casting) -> None:
        self.routes, self.refusals, self.casting = routes, refusals, casting
        self._known = functools.lru_cache(KNOWN)(self._read)

    def asked(self, method: str, path: str, query: str, headers: Headers, content: bytes) -> Asked | None:
        """What a request line, headers and body ask for; None where the document has no such operation."""
        return (self._read if content else self._known)(method, path, query, headers, content)

    def _read(self, method: str, path: str, query: str, headers: Headers, content: bytes) -> Asked | None:
        located = self.routes.find(method, path)
        if located is None:
            return None
        operation, parameters = located
        request = Request(operation.id, method, f"{path}?{query}" if query else path, parameters, headers, content)
        refusal = self.refusals.of(operation, request)
        return Asked(operation, request, refusal, self.casting.card(operation.id, request))
