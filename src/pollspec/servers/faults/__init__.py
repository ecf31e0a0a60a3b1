"""The impolite servers: FAULTS is a table from a misdeed to the keyword that must object.

A fault is derived from a document: for each belief of its keyword, whatever can go wrong with it. It wraps any ASGI
application, lets the request through, and misdeals with the answer (or asks for something else than it was asked).
"""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError, nearest
from pollspec.servers.faults import across, alone, provoked, schema, stated
from pollspec.servers.faults.fault import Derived, Fault, Misdeed
from pollspec.servers.faults.impolite import Impolite

FAULTS: dict[str, Misdeed] = {
    misdeed.name: misdeed for room in (stated, schema, provoked, alone, across) for misdeed in room.MISDEEDS
}


def derive(vendor: Vendor) -> list[Fault]:
    """Every fault that a document gives, in the order of its beliefs."""
    return list(_derive(vendor))


def _derive(vendor: Vendor) -> Iterator[Fault]:
    for belief in vendor.beliefs:
        for misdeed in FAULTS.values():
            if misdeed.keyword == belief.keyword:
                yield from misdeed.derive(misdeed, vendor, belief)


def find(vendor: Vendor, name: str) -> Fault:
    """The fault of that id, or the first one of that misdeed; UsageError names the nearest."""
    known = derive(vendor)
    for fault in known:
        if name in {fault.id, fault.misdeed.name}:
            return fault
    here = {fault.misdeed.name for fault in known} if ":" not in name else {fault.id for fault in known}
    raise UsageError(f"no fault of {vendor.slug} is called {name!r}", nearest(name, here))


__all__ = ["FAULTS", "Derived", "Fault", "Impolite", "Misdeed", "derive", "find"]
