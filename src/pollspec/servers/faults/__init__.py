"""The impolite servers: one file a keyword, each with MISDEEDS, a table from a misdeed to what it makes of a belief.

A fault is derived from a document: for each belief of its keyword, whatever can go wrong with it. It wraps any ASGI
application, lets the request through, and misdeals with the answer (or asks for something else than it was asked).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from pollspec.document.keywords import KEYWORDS
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError, nearest
from pollspec.servers.faults.fault import Derive, Derived, Fault, Misdeed
from pollspec.servers.faults.impolite import Impolite


def _misdeeds(keyword: str, stem: str) -> tuple[Misdeed, ...]:
    told: Mapping[str, Derive] = importlib.import_module(f"{__name__}.{stem}").MISDEEDS
    return tuple(Misdeed(name, keyword, derive) for name, derive in told.items())


MISDEEDS: dict[str, tuple[Misdeed, ...]] = {name: _misdeeds(name, row.stem) for name, row in KEYWORDS.items()}
"""Keyword -> what can go wrong with it."""
FAULTS: dict[str, Misdeed] = {misdeed.name: misdeed for several in MISDEEDS.values() for misdeed in several}
"""A misdeed's name -> the misdeed, with the keyword that must object."""


def derive(vendor: Vendor) -> list[Fault]:
    """Every fault that a document gives, in the order of its beliefs."""
    several = ((misdeed, belief) for belief in vendor.beliefs for misdeed in MISDEEDS[belief.keyword])
    return [fault for misdeed, belief in several for fault in misdeed.derive(misdeed, vendor, belief)]


def find(vendor: Vendor, name: str) -> Fault:
    """The fault of that id, or the first one of that misdeed; UsageError names the nearest."""
    known = derive(vendor)
    for fault in known:
        if name in {fault.id, fault.misdeed.name}:
            return fault
    here = {fault.misdeed.name for fault in known} if ":" not in name else {fault.id for fault in known}
    raise UsageError(f"no fault of {vendor.slug} is called {name!r}", nearest(name, here))


__all__ = ["FAULTS", "MISDEEDS", "Derived", "Fault", "Impolite", "Misdeed", "derive", "find"]
