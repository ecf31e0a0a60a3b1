"""`at-most`: a value is more than its limit, or stays behind it at the end."""

from __future__ import annotations

import datetime

from pollspec.document.conditions import instant, is_number
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned
from pollspec.servers.faults.followed import freezes


def _exceeds(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        said = belief.says["value"]
        first, *rest = [said] if isinstance(said, str) else said
        value, limit = scene.value(first), scene.total(belief.says["limit"])
        if not concerned(scene, belief) or value is MISSING or limit is MISSING:
            return None
        if is_number(value) and is_number(limit):
            others = scene.total(rest) if rest else 0
            return put(scene, first, limit + 1 - (others if is_number(others) else 0))
        moment = instant(limit)
        if moment is None:
            return None
        return put(scene, first, (moment + datetime.timedelta(seconds=1)).isoformat())

    yield Fault(misdeed, belief, "shows one more than the limit", act=act)


MISDEEDS = {
    "exceeds-the-limit": _exceeds,
    "freezes-a-count": freezes,
}
