"""`refuses`: what is to be refused is let in, or refused in other words."""

from __future__ import annotations

import base64
from typing import Any

from pollspec.document import expressions
from pollspec.document.allowed import ways
from pollspec.document.messages import MISSING, Answer
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

    yield Fault(misdeed, belief, "answers as if nothing were wrong", act=lambda scene: _let_in(scene, belief))


def _let_in(scene: Scene, belief: Belief) -> Answer | None:
    """The answer that a good request got before, to one that the belief speaks of."""
    if not concerns(scene, belief):
        return None
    successes = [*scene.successes(scene.operation), *scene.earlier()]
    good = [a for r, a in successes if a.status < 400 and scene.vendor.signing.credential_of(r) == "default"]
    return good[-1] if good else None


def _forgets(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Who adds an option is let in, where it is not the option that is to be refused."""
    own = {text for sends in belief.says.get("sends", []) for text in sends}
    free = [text for text in ways(vendor, vendor.operations[belief.operation]) if text not in own]

    def act(scene: Scene) -> Answer | None:
        added = any(scene.value(text) is not MISSING for text in free)
        return _let_in(scene, belief) if added else None

    alone = belief.says.get("credential") == "invalid"  # a wrong login is tried in no company: accounts get locked
    if free and not alone and not vendor.operations[belief.operation].writes:
        yield Fault(misdeed, belief, "lets in whoever adds an option", act=act)


def _bare(login: Any) -> str:
    """A login as it is compared: of Basic, what is encoded."""
    scheme, _, token = str(login or "").partition(" ")
    return base64.b64decode(token).decode("latin-1") if scheme.lower() == "basic" else str(login or "")


def _compares_the_beginning(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A login that is the beginning of a good one is taken for it."""

    def act(scene: Scene) -> Answer | None:
        asked = _bare(scene.value(text))
        known = [_bare(expressions.value(text, r)) for r, a in scene.past if a.status < 400]
        return _let_in(scene, belief) if asked and any(one.startswith(asked) for one in known) else None

    text = vendor.signing.secret or ""
    if text and belief.says.get("credential") == "invalid":
        yield Fault(misdeed, belief, "takes the beginning of a login for all of it", act=act)


MISDEEDS = {
    "forgets-the-refusal": _forgets,
    "compares-the-beginning": _compares_the_beginning,
    **dict.fromkeys(LETS_IN.values(), _lets_in),
    "refuses-otherwise": misanswers,
}
