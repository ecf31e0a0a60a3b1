"""`never-decreases`: what grows goes back."""

from __future__ import annotations

import datetime
from typing import Any

from pollspec.document.conditions import any_holds, instant, is_number
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import edited
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.followed import values


def _earlier(scene: Scene, belief: Belief, text: str) -> dict[str, Any]:
    """The last value before of each thing that is followed."""
    return {key: value for r, a in scene.earlier() for key, _, value in values(belief, r, a, text)}


def _goes_back(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    unless = vendor.conditions(belief.says.get("unless"))

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation or any_holds(unless, scene.request, scene.answer):
            return None
        earlier = _earlier(scene, belief, belief.says["value"])
        for key, pointer, value in values(belief, scene.request, scene.answer, belief.says["value"]):
            less = _less(earlier.get(key))
            if less is not None and value is not MISSING:
                return edited(scene.answer, {pointer: less})
        return None

    yield Fault(misdeed, belief, "shows one less than before", act=act)


def _less(value: Any) -> Any:
    """One less than a number above 0, a list without its last item, a second before an instant; else None."""
    if isinstance(value, list):
        return value[:-1] or None
    if is_number(value):
        return value - 1 if value >= 1 else None
    moment = instant(value)
    return None if moment is None else (moment - datetime.timedelta(seconds=1)).isoformat()


MISDEEDS = {
    "goes-backwards": _goes_back,
}
