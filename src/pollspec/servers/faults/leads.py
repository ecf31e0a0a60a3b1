"""`leads`: a link leads to nothing."""

from __future__ import annotations

from pollspec.document.conditions import any_holds
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import other
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene


def _nowhere(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    when = vendor.conditions(belief.says.get("when"))

    def act(scene: Scene) -> Answer | None:
        link = scene.value(belief.says["link"])
        spoken_of = not when or any_holds(when, scene.request, scene.answer)
        if scene.operation != belief.operation or link is MISSING or not spoken_of:
            return None
        return put(scene, belief.says["link"], other(str(link).rstrip("/")))

    yield Fault(misdeed, belief, "links to what is not there", act=act)


MISDEEDS = {"leads-nowhere": _nowhere}
