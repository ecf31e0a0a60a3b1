"""`accepts`: what was accepted before is refused all at once, or a login is forgotten."""

from __future__ import annotations

from pollspec.document import expressions
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import refusal
from pollspec.servers.faults.fault import Derive, Derived, Fault, Misdeed, Scene

SHOWN = 2
"""Answers about one thing before the one that is refused."""


def _refuses(statuses: tuple[int, ...], does: str) -> Derive:
    """A good request about what was shown before is refused, and later ones are not. A status shows no stage."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        lifecycle = vendor.lifecycle_of(belief.operation)
        shown = [stage.states.get(belief.operation) for stage in lifecycle.stages.values()] if lifecycle else []
        status = next((status for status in statuses if {"status": status} not in shown), None)

        def act(scene: Scene) -> Answer | None:
            apt = scene.operation == belief.operation and scene.is_good and _in_between(scene)
            return refusal(status) if apt and status else None

        if belief.name == "allowed" and status:
            yield Fault(misdeed, belief, does, act=act)

    return derive


def _in_between(scene: Scene) -> bool:
    """Whether a thing was shown before so often that it is refused this once."""
    strange = scene.vendor.is_strange
    shown = sum(answer.status < 400 and not strange(request) for request, answer in scene.earlier())
    return not strange(scene.request) and shown == SHOWN


def _refuses_an_option(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Whoever asks in another way than at first gets nothing."""
    options = [one.expression for one in vendor.optional(vendor.operations[belief.operation])]

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation or not scene.is_good:
            return None
        first = next((request for request, answer in scene.earlier() if answer.status < 400), None)
        same = first is None or all(expressions.value(text, first) == scene.value(text) for text in options)
        return None if same else refusal(400)

    if belief.name == "allowed" and options:
        yield Fault(misdeed, belief, "refuses what is asked with an option that the page has", act=act)


def _forgets(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A login that was accepted, and will be again, is refused once."""

    def act(scene: Scene) -> Answer | None:
        apt = scene.operation == belief.operation and scene.is_good and _in_between(scene)
        return refusal(401) if apt else None

    if belief.name == "login":
        yield Fault(misdeed, belief, "refuses a login once that it has accepted", act=act)


MISDEEDS = {
    "refuses-what-is-allowed": _refuses((400, 422, 406), "refuses what it has shown before"),
    "loses-it-for-a-moment": _refuses((404, 410, 400), "does not find what it shows before and after"),
    "refuses-an-option": _refuses_an_option,
    "forgets-the-login": _forgets,
}
