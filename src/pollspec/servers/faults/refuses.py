"""`refuses`: what is to be refused is let in, or refused in other words."""

from __future__ import annotations

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.provoked import concerns, misanswers

LETS_IN = {
    "none": "answers-strangers",
    "invalid": "accepts-a-wrong-credential",
    "unprivileged": "ignores-the-permission",
    "default": "accepts-a-bad-request",
}


def _lets_in(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A refusal that succeeds: the answer that a good request got before."""
    if LETS_IN[belief.says.get("credential", "default")] != misdeed.name:
        return

    def act(scene: Scene) -> Answer | None:
        if not concerns(scene, belief):
            return None
        successes = [*scene.successes(scene.operation), *scene.earlier()]
        good = [a for r, a in successes if a.status < 400 and vendor.credential_of(r) == "default"]
        return good[-1] if good else None

    yield Fault(misdeed, belief, "answers as if nothing were wrong", act=act)


MISDEEDS = {**dict.fromkeys(LETS_IN.values(), _lets_in), "refuses-otherwise": misanswers}
