"""`distinct`: two items of a list are called the same, or one is called as the whole is."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import edited
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned


def _items(scene: Scene, belief: Belief) -> list[Any]:
    """The items of a success that have a name."""
    items = scene.value(belief.says["items"])
    if not concerned(scene, belief) or not isinstance(items, list):
        return []
    return [item for item in items if pointers.get(item, belief.says["by"]) is not MISSING]


def _repeats(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        items, place = _items(scene, belief), expressions.parse(belief.says["items"]).name
        return edited(scene.answer, {place: [*items, items[0]]}) if items else None

    yield Fault(misdeed, belief, "lists one item twice", act=act)


def _named_as_the_whole(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if "whole" not in belief.says:
        return

    def act(scene: Scene) -> Answer | None:
        whole, place = scene.value(belief.says["whole"]), expressions.parse(belief.says["items"]).name
        if not _items(scene, belief) or whole is MISSING:
            return None
        return edited(scene.answer, {f"{place}/0{belief.says['by']}": whole})

    yield Fault(misdeed, belief, "names an item as the whole is named", act=act)


MISDEEDS = {"lists-it-twice": _repeats, "names-it-as-the-whole": _named_as_the_whole}
