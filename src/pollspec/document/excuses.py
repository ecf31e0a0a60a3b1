"""`despite` at an operation: why its derived beliefs are worth having although a legal variation contradicts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pollspec.document.operations import Operation
from pollspec.document.source import Problem
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import nearest

DESPITE = "despite"
Reasons = Mapping[str, str]
"""Legal variation -> why."""


def excused(vendor: Vendor) -> Vendor:
    """The same, each derived belief with what its operation says of it."""
    return replace(vendor, beliefs=tuple(_excused(vendor, belief) for belief in vendor.beliefs))


def _excused(vendor: Vendor, belief: Belief) -> Belief:
    said = _said(vendor.operations[belief.operation]).get(belief.tail)
    if said is None:
        return belief
    return replace(belief, says={**belief.says, DESPITE: {**belief.says.get(DESPITE, {}), **said}})


def problems(vendor: Vendor) -> Iterator[Problem]:
    """Each names a belief that is derived for its operation; one that is written has its own `despite`."""
    for operation in vendor.operations.values():
        written = operation.node.get("x-contract", {})
        derived = {one.tail: one for one in vendor.beliefs if one.operation == operation.id}
        derived = {tail: one for tail, one in derived.items() if one.name not in written.get(one.keyword, {})}
        for tail in _said(operation):
            keyword, _, name = tail.partition("/")
            place = (*operation.place, "x-contract", DESPITE, tail)
            if name in written.get(keyword, {}):
                yield place, f"{tail} is written, and not derived: its own despite is the place for this"
            elif tail not in derived:
                yield place, f"no belief {tail!r} is derived for {operation.id}: {nearest(tail, derived)}"


def _said(operation: Operation) -> Mapping[str, Reasons]:
    """KEYWORD/NAME of a belief -> the variations that contradict it."""
    found: Mapping[str, Reasons] = operation.node.get("x-contract", {}).get(DESPITE, {})
    return found
