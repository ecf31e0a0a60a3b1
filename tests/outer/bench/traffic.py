"""Traffic that a polite server has made: entries of a HAR, of many servers, each of which was polled to its ends."""

from __future__ import annotations

import itertools
import json
import pathlib
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.servers.faults.fault import Fault, Scene
from pollspec.servers.polite import Mock
from pollspec.trial.request import build
from pollspec.trial.wire.pace import VirtualClock
from tests.captures import Told, entry

DURATION, EVERY = 20.0, 1.0
"""Seconds that an operation takes on the server's clock, and between two polls."""
HEAD = '{"log": {"version": "1.2", "creator": {"name": "mitmproxy", "version": "1"}, "entries": [\n'


@dataclass
class Spoiling:
    """A fault at some servers. `offended`: where, and what was asked about, whenever another answer was given."""

    fault: Fault
    servers: Set[int]
    offended: set[tuple[int, str]] = field(default_factory=set)
    _past: list[tuple[Request, Answer]] = field(default_factory=list)
    _notes: dict[Any, Any] = field(default_factory=dict)

    def spoilt(self, vendor: Vendor, request: Request, answer: Answer, server: int) -> Answer:
        """What such a server answers."""
        if server not in self.servers or self.fault.act is None:
            self._past, self._notes = [], {}
            return answer
        told = self.fault.act(Scene(vendor, request, answer, self._past, self._notes))
        self._past.append((request, answer))
        if told is not None:
            self.offended.add((server, request.target))
        return told or answer


def entries(vendor: Vendor, spoiling: Spoiling | None = None, every: float = EVERY) -> Iterator[dict[str, Any]]:
    """Entries without end: of every test card, polled until it has ended, at one server after another."""
    clock = VirtualClock()
    for server in itertools.count():
        mock = Mock(vendor, clock, duration=DURATION)
        for request in asked(vendor):
            for _ in range(int(DURATION / every) + 2):
                yield _entry(vendor, mock, request, server, clock(), spoiling)
                clock.sleep(every)


def asked(vendor: Vendor) -> list[Request]:
    """What is asked again and again: of each operation that only reads, about each test card that it knows."""
    reading = [operation for operation in vendor.operations.values() if not operation.writes]
    return [request for operation in reading for request in _of(vendor, operation)]


def _of(vendor: Vendor, operation: Operation) -> Iterator[Request]:
    signed = vendor.credentials.get("default", {}) if operation.secured else {}
    known = [subject.given for subject in vendor.subjects.values() if vendor.applies(subject, operation)]
    for given in known or [{}]:
        yield build(vendor, operation, {**signed, **given})


def _entry(
    vendor: Vendor, mock: Mock, request: Request, server: int, moment: float, spoiling: Spoiling | None
) -> dict[str, Any]:
    path = f"{vendor.base_path}{request.target}"
    parts = urlsplit(path)
    answer = mock.respond(request.method, parts.path, parts.query, request.headers, request.content)
    answer = spoiling.spoilt(vendor, request, answer, server) if spoiling else answer
    told = Told(path, answer.content.decode(), answer.status, at=moment, method=request.method)
    return entry(
        told,
        url_in_request=f"http://server-{server}.example{path}",
        headers_in_request=[{"name": name, "value": value} for name, value in request.headers],
        headers_in_response=[{"name": name, "value": value} for name, value in answer.headers],
    )


def json_lines(vendor: Vendor, path: pathlib.Path, number: int) -> pathlib.Path:
    """A file of so many entries, one a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(one)}\n" for one in itertools.islice(entries(vendor), number))
    return path


def archive(vendor: Vendor, path: pathlib.Path, number: int) -> pathlib.Path:
    """The same as one HAR."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for place, one in enumerate(itertools.islice(entries(vendor), number)):
            file.write(f"{',' if place else ''}{json.dumps(one)}\n")
        file.write("]}}\n")
    return path
