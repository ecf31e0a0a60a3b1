"""`pollspec judge`: recorded traffic, judged; no request is sent."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from pollspec.document.loader import load
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.captures.formats import HINT
from pollspec.doors.captures.parts.brief import Brief
from pollspec.doors.captures.parts.files import listed
from pollspec.doors.captures.parts.joining import Gathered, gather
from pollspec.doors.captures.parts.workers import Workers, workers
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.doors.recording import of_traffic
from pollspec.errors import CaptureError, PollspecError, UsageError
from pollspec.trial.background import Background, background
from pollspec.trial.selection import selected


def judge(name: str, captures: Sequence[str], options: Mapping[str, Any], console: Console) -> int:
    """Judge captures, print the report; the exit code."""
    found = background(load(name), options["target_file"], options["product_version"])
    vendor = found.vendor
    conclusion = Conclusion(vendor.beliefs, options)
    beliefs = selected(of_traffic(vendor), options["only"])
    files, others = listed(captures)
    with workers(options["jobs"], options["scheduler"], options["scratch"]) as working:
        if working.apart and "-" in files:
            raise UsageError("standard input cannot be shared by several workers", "give files")
        ledger = recorded(vendor, beliefs, files, options["base_path"], found, working)
    passed_by = f"; {others} other files in the folders" if others else ""
    console.print(f"{ledger.name}: {ledger.counted()}{passed_by}\n", markup=False, soft_wrap=True)
    given = typed(options, "base_path", "target_file", "product_version")
    words = ["pollspec judge", shlex.quote(vendor.document.typed), *map(shlex.quote, captures), *given]
    report = conclusion.of_traffic(ledger, " ".join(words), capture=files[0])
    report.lacking = bool(ledger.errors)
    return conclusion.give(report, console)


def recorded(
    vendor: Vendor,
    beliefs: Sequence[Belief],
    captures: Sequence[str],
    base_path: str | None = None,
    found: Background | None = None,
    working: Workers | None = None,
) -> Gathered:
    """What captures have of a vendor; CaptureError where that is nothing.

    Exchanges are numbered as the entries are, one capture after another.
    """
    found = found or Background(vendor)
    brief = Brief(found, beliefs, base_path)
    with contextlib.nullcontext(working) if working else workers(1, None, None) as used:
        ledger = gather(brief, captures, _named(captures), used, found.masks)
    if not ledger.number:
        raise _nothing(ledger, base_path)
    return ledger


def _named(captures: Sequence[str]) -> str:
    """What the report calls them."""
    more = len(captures) - 1
    return f"{captures[0]} and {more} more" if more else captures[0]


def _nothing(ledger: Gathered, base_path: str | None) -> PollspecError:
    """Why there is nothing to judge."""
    if len(ledger.captures) == len(ledger.errors) == 1:
        return ledger.errors[0]
    if ledger.unread:
        return CaptureError(f"{ledger.name}: {ledger.unread}", HINT)
    prefix = "..." if base_path is None else base_path
    listed = ", ".join(f"{o.method} {prefix}{o.path}" for o in ledger.vendor.operations.values())
    hint = "leave out --base-path to take any prefix"
    return CaptureError(
        f"{ledger.name}: none of its {ledger.others} requests is one of {ledger.vendor.slug}'s: {listed}",
        "capture the requests that ask for the progress" if base_path is None else hint,
    )
