"""Traffic that a polite server has made: entries of a HAR, of many servers, each of which was polled to its ends."""

from __future__ import annotations

import itertools
import json
import pathlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pollspec.document.messages import Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.servers.polite import Mock
from pollspec.trial.request import build
from pollspec.trial.wire.pace import VirtualClock
from tests.captures import Told, entry

DURATION, EVERY = 20.0, 1.0
"""Seconds that an operation takes on the server's clock, and between two polls."""
HEAD = '{"log": {"version": "1.2", "creator": {"name": "mitmproxy", "version": "1"}, "entries": [\n'


def entries(vendor: Vendor) -> Iterator[dict[str, Any]]:
    """Entries without end: of every test card, polled until it has ended, at one server after another."""
    clock = VirtualClock()
    for server in itertools.count():
        mock = Mock(vendor, clock, duration=DURATION)
        for request in asked(vendor):
            for _ in range(int(DURATION / EVERY) + 2):
                yield _entry(vendor, mock, request, server, clock())
                clock.sleep(EVERY)


def asked(vendor: Vendor) -> list[Request]:
    """What is asked again and again: of each operation that only reads, about each test card that it knows."""
    reading = [operation for operation in vendor.operations.values() if not operation.writes]
    return [request for operation in reading for request in _of(vendor, operation)]


def _of(vendor: Vendor, operation: Operation) -> Iterator[Request]:
    signed = vendor.credentials.get("default", {}) if operation.secured else {}
    known = [subject.given for subject in vendor.subjects.values() if vendor.applies(subject, operation)]
    for given in known or [{}]:
        yield build(vendor, operation, {**signed, **given})


def _entry(vendor: Vendor, mock: Mock, request: Request, server: int, moment: float) -> dict[str, Any]:
    path = f"{vendor.base_path}{request.target}"
    parts = urlsplit(path)
    answer = mock.respond(request.method, parts.path, parts.query, request.headers, request.content)
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
