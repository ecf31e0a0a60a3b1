"""`agrees`: two operations show different ends of one instance."""

from __future__ import annotations

from pollspec.document.lifecycles import TERMINAL
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.stages import restarted


def _disagrees(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    lifecycle = vendor.lifecycles[belief.says["of"]]

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation:
            return None
        ends = [
            shown
            for r, a in scene.past
            if r.operation == belief.says["with"]
            and (shown := scene.shown(r, a))
            and lifecycle.kinds(shown) <= TERMINAL
        ]
        return restarted(scene, belief, lifecycle.after(ends[-1])) if ends else None

    yield Fault(misdeed, belief, "shows another state than the other operation", act=act)


MISDEEDS = {
    "disagrees": _disagrees,
}
