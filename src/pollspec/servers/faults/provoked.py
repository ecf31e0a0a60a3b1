"""Which requests a belief provokes, and wrong answers to them: shared by the two keywords that do."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same
from pollspec.document.keywords import KEYWORDS, Provoked
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import broken
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene


def concerns(scene: Scene, belief: Belief) -> bool:
    """Whether a request at a server is one that a belief speaks of."""
    says, vendor, request = belief.says, scene.vendor, scene.request
    if request.operation != belief.operation:
        return False
    signed = set(vendor.signing.places)
    if vendor.signing.credential_of(request) != says.get("credential", "default") and not signed & _sent(belief):
        return False
    if subject := says.get("subject"):
        own = set() if KEYWORDS[belief.keyword].provoked is Provoked.ANSWER else _sent(belief) | signed
        card = [(text, value) for text, value in vendor.subjects[subject].given.items() if text not in own]
        if not all(same(expressions.value(text, request), value) for text, value in card):
            return False
    recognised = vendor.recognises(belief)
    return not recognised or any(condition.holds(request, scene.answer) for condition in recognised)


def _sent(belief: Belief) -> set[str]:
    return {text for sends in belief.says.get("sends", []) for text in sends}


def misanswers(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """One clause of what is expected is broken."""
    for text, clause in belief.says.get("expect", {}).items():

        def act(scene: Scene, text: str = text, clause: Any = clause) -> Answer | None:
            return broken(scene, text, clause) if concerns(scene, belief) else None

        yield Fault(misdeed, belief, f"answers with another {text}", text.replace("$response.", ""), act=act)
