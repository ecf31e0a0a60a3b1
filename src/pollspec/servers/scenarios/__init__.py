"""Scenarios: what a polite server plays to whoever asks about some subject, instead of what the document says.

A scenario is a file (TOML), or one of those that every document gives by itself.
"""

from __future__ import annotations

import pathlib

from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError, nearest
from pollspec.servers.scenarios.file import read
from pollspec.servers.scenarios.named import NAMED, named
from pollspec.servers.scenarios.scenario import AS_DOCUMENTED, Scenario

__all__ = ["AS_DOCUMENTED", "NAMED", "Scenario", "find"]


def find(vendor: Vendor, typed: str) -> Scenario:
    """The scenario of a name, or of a file; UsageError where there is none, or the document has no such course."""
    if typed in NAMED:
        return named(vendor, typed)
    if pathlib.Path(typed).is_file():
        return read(vendor, typed)
    if typed.endswith(".toml") or "/" in typed:
        raise UsageError(f"there is no file {typed}", f"write one, or name a scenario: {', '.join(NAMED)}")
    raise UsageError(f"there is no scenario {typed!r}", f"{nearest(typed, NAMED)}; or give the path of a TOML file")
