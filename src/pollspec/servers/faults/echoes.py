"""`echoes`: what is repeated is another's."""

from __future__ import annotations

from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import other
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned


def _mixes_up(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        value = scene.value(belief.says["value"])
        if not concerned(scene, belief) or value is MISSING or value is None:
            return None
        return put(
            scene,
            belief.says["value"],
            "https://pollspec.invalid/elsewhere" if belief.says.get("part") else other(value),
        )

    yield Fault(misdeed, belief, "repeats another's", act=act)


MISDEEDS = {
    "mixes-up": _mixes_up,
}
