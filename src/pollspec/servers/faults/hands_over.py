"""`hands-over`: what a start gives is not found, is another's, or comes too late."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions
from pollspec.document.lifecycles import identity
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import broken, other
from pollspec.servers.faults.edits import put, refusal
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned


def _minted(scene: Scene, belief: Belief) -> set[str]:
    """What was handed over so far."""
    lifecycle = scene.vendor.lifecycle_of(belief.operation)
    begun = [lifecycle.begun(r, a) for r, a in scene.successes(belief.operation)] if lifecycle else []
    texts = lifecycle.asked_by if lifecycle else ()
    return {identity([one[text] for text in texts]) for one in begun if texts and MISSING not in one.values()}


def _about_it(scene: Scene, belief: Belief) -> bool:
    return scene.operation == belief.says["to"] and scene.instance(scene.request) in _minted(scene, belief)


def _loses(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if {"shows", "waits-less-than", "anew"} & set(belief.says):
        return

    def act(scene: Scene) -> Answer | None:
        if not _about_it(scene, belief):
            return None
        return refusal(404)

    yield Fault(misdeed, belief, "does not find what it has handed over", act=act)


def _hands_over_another(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if {"shows", "waits-less-than", "anew"} & set(belief.says):
        return

    def act(scene: Scene) -> Answer | None:
        value = expressions.value(belief.says["gives"], scene.request, scene.answer)
        if scene.operation != belief.operation or value is MISSING:
            return None
        return put(scene, belief.says["gives"], other(value))

    yield Fault(misdeed, belief, "hands over an identifier that leads nowhere", act=act)


def _misdescribes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    for text, clause in belief.says.get("shows", {}).items():

        def act(scene: Scene, text: str = text, clause: Any = clause) -> Answer | None:
            return broken(scene, text, clause) if _about_it(scene, belief) else None

        yield Fault(misdeed, belief, f"shows something else at {text}", text.rsplit("/", 1)[-1], act=act)


def _hands_over_again(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        before = [a for _, a in scene.successes(belief.operation)]
        return before[0] if scene.operation == belief.operation and before and scene.answer.status < 400 else None

    if "anew" in belief.says:
        yield Fault(misdeed, belief, "answers every start with the first one's identifier", act=act)


def _waits(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if "waits-less-than" not in belief.says:
        return

    def act(scene: Scene) -> Answer | None:
        if concerned(scene, belief):
            scene.waits = 4.0 * belief.says["waits-less-than"]
        return None

    yield Fault(misdeed, belief, "answers only when all is over", act=act)


MISDEEDS = {
    "loses-what-it-started": _loses,
    "hands-over-another": _hands_over_another,
    "hands-over-again": _hands_over_again,
    "misdescribes": _misdescribes,
    "waits-for-the-end": _waits,
}
