"""Recordings that remember their exchanges, for tests that look at them; those of the doors judge and forget."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.captures import judging
from pollspec.doors.captures.archive import entries
from pollspec.doors.captures.parts.joining import Gathered
from pollspec.doors.captures.parts.judging import Part
from pollspec.doors.clients import recorder
from pollspec.doors.clients.recorder import Recorder, recording
from pollspec.doors.recording import Recording, of_traffic
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Finding
from pollspec.trial.target import Settings


class Reread(Recording):
    """A recording of an archive."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.exchanges: list[Exchange] = []

    def enter(self, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        """Judge an exchange, and remember it."""
        self.exchanges.append(exchange)
        return super().enter(exchange)


class Remembering(Reread):
    """A recording of what passes a door to a server."""

    def __init__(self, vendor: Vendor, name: str = "a test", settings: Settings | None = None) -> None:
        super().__init__(vendor, of_traffic(vendor), name, None, settings)


class RememberingRecorder(Remembering, Recorder):
    """The same for a client's tests."""


class RereadRecorder(Reread, Recorder):
    """What a client's test records with `recording`."""


@contextlib.contextmanager
def remembering(vendor: str) -> Iterator[RereadRecorder]:
    """`recording`, with exchanges that can be looked at."""
    with mock.patch.object(recorder, "Recorder", RereadRecorder), recording(vendor) as recorded:
        assert isinstance(recorded, RereadRecorder)
        yield recorded


def reread(vendor: Vendor, path: str, base_path: str | None = None) -> Gathered:
    """What `pollspec judge` makes of an archive, to its end."""
    return judging.recorded(vendor, of_traffic(vendor), [path], base_path)


def judged(vendor: Vendor, path: str, base_path: str | None = None) -> list[Exchange]:
    """The exchanges that `pollspec judge` judges in an archive, part by part."""
    found: list[Exchange] = []

    def enter(part: Part, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        found.append(exchange)
        return Recording.enter(part, exchange)

    with mock.patch.object(Part, "enter", enter):
        reread(vendor, path, base_path)
    return found


def read_back(vendor: Vendor, path: str, settings: Settings | None = None) -> list[Exchange]:
    """The exchanges that an archive has of a vendor."""
    recorded = Remembering(vendor, path, settings)
    for entry in entries(path):
        place, passage = recorded.locate(entry.method, entry.url), entry.passage()
        if place and passage:
            recorded.add(passage, place, entry.number)
    assert recorded.verdicts()
    return recorded.exchanges
