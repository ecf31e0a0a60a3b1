"""`counts`: a number is not that of the items of its list."""

from __future__ import annotations

from pollspec.document import pointers
from pollspec.document.conditions import is_number
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned


def _miscounts(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The number is one too small for the list, or what is counted beside the list is one too many."""

    def number(scene: Scene) -> int | None:
        items = scene.value(belief.says["items"])
        if not concerned(scene, belief) or not isinstance(items, list):
            return None
        clauses = belief.says.get("where", {})
        return sum(
            all(vendor.compiled(clause).is_valid(pointers.get(item, pointer)) for pointer, clause in clauses.items())
            for item in items
        )

    def understates(scene: Scene) -> Answer | None:
        listed, plus = number(scene), scene.value(belief.says["plus"]) if "plus" in belief.says else 0
        if listed is None or not is_number(plus) or not listed + plus:
            return None
        return put(scene, belief.says["at-most"], listed + plus - 1)

    def overstates(scene: Scene) -> Answer | None:
        listed, limit = number(scene), scene.value(belief.says["at-most"])
        return put(scene, belief.says["plus"], limit - listed + 1) if listed and is_number(limit) else None

    yield Fault(misdeed, belief, "counts fewer than it lists", "fewer", act=understates)
    if "plus" in belief.says:
        yield Fault(misdeed, belief, "counts more than it lists", "more", act=overstates)


MISDEEDS = {
    "miscounts": _miscounts,
}
