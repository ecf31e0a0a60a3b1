"""`counts`: a number is not that of the items of its list."""

from __future__ import annotations

from pollspec.document import pointers
from pollspec.document.conditions import is_number
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned


def _listed(scene: Scene, belief: Belief) -> int | None:
    """How many items of the list are meant; None where there is no list."""
    items = scene.value(belief.says["items"])
    if not concerned(scene, belief) or not isinstance(items, list):
        return None
    clauses = [(pointer, scene.vendor.compiled(clause)) for pointer, clause in belief.says.get("where", {}).items()]
    return sum(all(clause.is_valid(pointers.get(item, pointer)) for pointer, clause in clauses) for item in items)


def _understates(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The number is one too small for the list."""

    def act(scene: Scene) -> Answer | None:
        listed, plus = _listed(scene, belief), scene.value(belief.says["plus"]) if "plus" in belief.says else 0
        if listed is None or not is_number(plus) or not listed + plus:
            return None
        return put(scene, belief.says["at-most"], listed + plus - 1)

    yield Fault(misdeed, belief, "counts fewer than it lists", "fewer", act=act)


def _overstates(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """What is counted beside the list is one too many."""

    def act(scene: Scene) -> Answer | None:
        listed, limit = _listed(scene, belief), scene.value(belief.says["at-most"])
        return put(scene, belief.says["plus"], limit - listed + 1) if listed and is_number(limit) else None

    if "plus" in belief.says:
        yield Fault(misdeed, belief, "counts more than it lists", "more", act=act)


def _miscounts(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A number too small, or too large."""
    yield from _understates(misdeed, vendor, belief)
    yield from _overstates(misdeed, vendor, belief)


MISDEEDS = {"miscounts": _miscounts}
