"""`keeps-secret`: what was sent comes back, in an answer, an error or a header."""

from __future__ import annotations

import urllib.parse
from typing import Any

from pollspec.document import expressions
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import edited, with_header
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene


def _repeats(place: str) -> Any:
    """A secret that was sent comes back, in an answer, an error or a header."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        def act(scene: Scene) -> Answer | None:
            asked = [scene.request, *(request for request, _ in reversed(scene.past))]
            sent = [expressions.value(belief.says["field"], r) for r in asked if r.operation == belief.operation]
            secret = next((value for value in sent if isinstance(value, str)), None)
            if secret is None or (scene.answer.status >= 400) != (place == "error"):
                return None
            if place == "header":
                return with_header(scene.answer, "X-Debug", urllib.parse.quote(secret))
            return edited(scene.answer, {"/debug": f"called with {secret}"})

        yield Fault(misdeed, belief, f"repeats what was sent, in {place}s", act=act)

    return derive


MISDEEDS = {
    "repeats-the-secret": _repeats("answer"),
    "repeats-the-secret-in-errors": _repeats("error"),
    "repeats-the-secret-in-headers": _repeats("header"),
}
