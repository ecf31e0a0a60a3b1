"""`pollspec judge`: recorded traffic, judged; no request is sent."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from pollspec.document.reading import load
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.doors.formats import HINT
from pollspec.doors.parts.brief import Brief
from pollspec.doors.parts.captures import listed
from pollspec.doors.parts.joining import Gathered, gather
from pollspec.doors.parts.workers import Workers, workers
from pollspec.doors.recording import of_traffic
from pollspec.errors import CaptureError, PollspecError, UsageError
from pollspec.trial.known import Known, known
from pollspec.trial.plan import selected


def judge(name: str, captures: Sequence[str], options: Mapping[str, Any], console: Console) -> int:
    """Judge captures, print the report; the exit code."""
    found = known(load(name), options["target_file"], options["product_version"])
    vendor = found.vendor
    conclusion = Conclusion(vendor.beliefs, options)
    beliefs = selected(of_traffic(vendor), options["only"])
    files, others = listed(captures)
    with workers(options["jobs"], options["scheduler"], options["scratch"]) as working:
        if working.apart and "-" in files:
            raise UsageError("standard input cannot be shared by several workers", "give files")
        hearing = recorded(vendor, beliefs, files, options["base_path"], found, working)
    passed_by = f"; {others} other files in the folders" if others else ""
    console.print(f"{hearing.name}: {hearing.counted()}{passed_by}\n", markup=False, soft_wrap=True)
    given = typed(options, "base_path", "target_file", "product_version")
    words = ["pollspec judge", shlex.quote(vendor.document.typed), *map(shlex.quote, captures), *given]
    report = conclusion.of_traffic(hearing, " ".join(words), capture=files[0])
    report.lacking = bool(hearing.errors)
    return conclusion.give(report, console)


def recorded(
    vendor: Vendor,
    beliefs: Sequence[Belief],
    captures: Sequence[str],
    base_path: str | None = None,
    found: Known | None = None,
    working: Workers | None = None,
) -> Gathered:
    """What captures have of a vendor; CaptureError where that is nothing.

    Exchanges are numbered as the entries are, one capture after another.
    """
    found = found or Known(vendor)
    brief = Brief(found, beliefs, base_path)
    with contextlib.nullcontext(working) if working else workers(1, None, None) as used:
        hearing = gather(brief, captures, _named(captures), used, found.masks)
    if not hearing.number:
        raise _nothing(hearing, base_path)
    return hearing


def _named(captures: Sequence[str]) -> str:
    """What the report calls them."""
    more = len(captures) - 1
    return f"{captures[0]} and {more} more" if more else captures[0]


def _nothing(hearing: Gathered, base_path: str | None) -> PollspecError:
    """Why there is nothing to judge."""
    if len(hearing.captures) == len(hearing.errors) == 1:
        return hearing.errors[0]
    if hearing.unread:
        return CaptureError(f"{hearing.name}: {hearing.unread}", HINT)
    prefix = "..." if base_path is None else base_path
    listed = ", ".join(f"{o.method} {prefix}{o.path}" for o in hearing.vendor.operations.values())
    hint = "leave out --base-path to take any prefix"
    return CaptureError(
        f"{hearing.name}: none of its {hearing.others} requests is one of {hearing.vendor.slug}'s: {listed}",
        "capture the requests that ask for the progress" if base_path is None else hint,
    )
