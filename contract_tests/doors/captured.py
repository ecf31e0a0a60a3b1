"""`pollspec judge`: recorded traffic, judged; no request is sent."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from ..errors import CaptureError
from ..reading import load
from ..target import Settings
from ..trial import selected
from ..vendor import Vendor
from .har import entries
from .hearing import Hearing, of_traffic
from .known import read_known
from .recording import Recording
from .summary import Conclusion, typed


def judge(name: str, capture: str, options: Mapping[str, Any], console: Console) -> int:
    """Judge a capture, print the report; the exit code."""
    vendor = load(name)
    conclusion = Conclusion(vendor, options, console)
    beliefs = selected(of_traffic(vendor), options["only"])
    known = read_known(vendor, options)
    recording = recorded(vendor, capture, options["base_path"], known.settings)
    known.tell(recording)
    console.print(f"{capture}: {recording.counted()}\n", markup=False, soft_wrap=True)
    given = typed(options, "base_path", "target_file", "product_version")
    words = ["pollspec judge", shlex.quote(vendor.document.typed), shlex.quote(capture), *given]
    return conclusion.give(Hearing(recording, beliefs), " ".join(words))


def recorded(vendor: Vendor, capture: str, base_path: str | None = None, settings: Settings | None = None) -> Recording:
    """What a capture has of a vendor; CaptureError where that is nothing.

    Exchanges are numbered as the capture's entries are; by their time, where the entries stand in another order.
    """
    recording = Recording(vendor, capture, base_path, settings)
    found = []
    for entry in entries(capture):
        if (place := recording.locate(entry.method, entry.url)) is None:
            recording.passed_by()
        else:
            found.append((entry.number, entry.passage(), place))
    in_time = sorted(found, key=lambda one: one[1].start)
    for number, (entry_number, passage, place) in enumerate(in_time):
        recording.add(passage, place, entry_number if in_time == found else number)
    if not found:
        prefix = "..." if base_path is None else base_path
        known = ", ".join(f"{o.method} {prefix}{o.path}" for o in vendor.operations.values())
        raise CaptureError(
            f"{capture}: none of its {recording.others} requests is one of {vendor.slug}'s: {known}",
            "capture the requests that ask for the progress"
            if base_path is None
            else "leave out --base-path to take any prefix",
        )
    return recording
