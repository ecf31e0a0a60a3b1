"""`pollspec judge`: recorded traffic, judged; no request is sent."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from pollspec.document.reading import load
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.archive import entries
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.doors.formats import HINT
from pollspec.doors.recording import Recording, of_traffic
from pollspec.errors import CaptureError
from pollspec.trial.known import Known, known
from pollspec.trial.plan import selected


def judge(name: str, capture: str, options: Mapping[str, Any], console: Console) -> int:
    """Judge a capture, print the report; the exit code."""
    found = known(load(name), options["target_file"], options["product_version"])
    vendor = found.vendor
    conclusion = Conclusion(vendor.beliefs, options)
    beliefs = selected(of_traffic(vendor), options["only"])
    recording = recorded(vendor, beliefs, capture, options["base_path"], found)
    console.print(f"{capture}: {recording.counted()}\n", markup=False, soft_wrap=True)
    given = typed(options, "base_path", "target_file", "product_version")
    words = ["pollspec judge", shlex.quote(vendor.document.typed), shlex.quote(capture), *given]
    return conclusion.give(conclusion.of_traffic(recording, " ".join(words), capture=capture), console)


def recorded(
    vendor: Vendor, beliefs: list[Belief], capture: str, base_path: str | None = None, found: Known | None = None
) -> Recording:
    """What a capture has of a vendor; CaptureError where that is nothing.

    Exchanges are numbered as the archive's entries are.
    """
    found, archive = found or Known(vendor), entries(capture)
    recording = Recording(vendor, beliefs, capture, base_path, found.settings, found.version)
    recording.masks.include(found.masks)
    for entry in archive:
        if (place := recording.locate(entry.method, entry.url)) is None:
            recording.passed_by()
        elif passage := entry.passage():
            recording.add(passage, place, entry.number)
    recording.unread = archive.unread
    if not recording.number and recording.unread:
        raise CaptureError(f"{capture}: {recording.unread}", HINT)
    if not recording.number:
        prefix = "..." if base_path is None else base_path
        listed = ", ".join(f"{o.method} {prefix}{o.path}" for o in vendor.operations.values())
        raise CaptureError(
            f"{capture}: none of its {recording.others} requests is one of {vendor.slug}'s: {listed}",
            "capture the requests that ask for the progress"
            if base_path is None
            else "leave out --base-path to take any prefix",
        )
    return recording
