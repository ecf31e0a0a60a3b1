"""`never-changes`: what stays as it is becomes another."""

from __future__ import annotations

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import other
from pollspec.servers.faults.edits import edited
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.followed import values


def _changes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    once = vendor.condition(belief.says.get("once"))
    for text in belief.says["values"]:

        def act(scene: Scene, text: str = text) -> Answer | None:
            earlier = [(r, a) for r, a in scene.earlier() if once.holds(r, a)]
            if scene.operation != belief.operation or len(earlier) < 2:
                return None
            known = {key: value for r, a in earlier for key, _, value in values(belief, r, a, text)}
            for key, pointer, value in values(belief, scene.request, scene.answer, text):
                if key in known:
                    return edited(scene.answer, {pointer: other(value)})
            return None

        yield Fault(misdeed, belief, "shows another one midway", text.rsplit("/", 1)[-1], act=act)


MISDEEDS = {
    "changes-midway": _changes,
}
