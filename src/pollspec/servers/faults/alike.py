"""`alike`: what is shown of one thing depends on how it is asked for."""

from __future__ import annotations

import json
from typing import Any

from pollspec.document import expressions
from pollspec.document.allowed import ways
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import other
from pollspec.servers.faults.edits import edited
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, documented


def _depends(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Whoever asks in another way than at first is shown another value."""
    for option in ways(vendor, vendor.operations[belief.operation]):

        def act(scene: Scene, text: str = option) -> Answer | None:
            if scene.operation != belief.operation or not 200 <= scene.answer.status < 300:
                return None
            first: Request = next((r for r, a in scene.earlier() if a.status < 300), scene.request)
            return _another(scene, belief) if expressions.value(text, first) != scene.value(text) else None

        name = expressions.parse(option).name
        yield Fault(misdeed, belief, f"shows another value to whoever sends {name}", name, act=act)


def _another(scene: Scene, belief: Belief) -> Answer | None:
    """The true answer with another value at a documented place; one that no belief speaks of, if there is one.

    What repeats a part of the request may depend on it.
    """
    found = documented(scene, belief)
    typed = scene.vendor.schemas.typed(found.schema_in(scene.answer.media_type), scene.body) if found else ()
    places = {place: value for _, place, value in typed if _is_plain(value) and "/0" not in place}
    mine = [one.says for one in scene.vendor.beliefs if one.operation == belief.operation]
    echoed, said = {says.get("value") for says in mine if "of" in says}, json.dumps(mine)
    free = [place for place in places if f"$response.body#{place}" not in echoed]
    place = min(free, key=lambda place: f"#{place}" in said, default=None)
    return None if place is None else edited(scene.answer, {place: other(places[place])})


def _is_plain(value: Any) -> bool:
    """Whether a value is neither a link nor made of others: those may depend on the request."""
    return isinstance(value, str | int | float) and not (isinstance(value, str) and "/" in value)


def _stands_still(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Whoever asks in another way than at first is shown again and again what that way showed at first."""
    for option in ways(vendor, vendor.operations[belief.operation]):

        def act(scene: Scene, text: str = option) -> Answer | None:
            if scene.operation != belief.operation or not 200 <= scene.answer.status < 300:
                return None
            asked, earlier = scene.value(text), [(r, a) for r, a in scene.earlier() if 200 <= a.status < 300]
            if not earlier or expressions.value(text, earlier[0][0]) == asked:
                return None
            return next((a for r, a in earlier if expressions.value(text, r) == asked), None)

        name = expressions.parse(option).name
        yield Fault(misdeed, belief, f"stands still for whoever sends {name}", name, act=act)


def _confuses(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Who asks while somebody else is answered is shown what that one was shown last."""

    def asks(scene: Scene) -> Request:
        scene.notes.setdefault(misdeed, []).append(scene.request)
        return scene.request

    def act(scene: Scene) -> Answer | None:
        scene.notes[misdeed].remove(scene.request)
        others = {scene.instance(r) for r in scene.notes[misdeed] if r.operation == belief.operation}
        if scene.operation != belief.operation or scene.answer.status >= 300:
            return None
        shown = reversed(scene.successes(belief.operation))
        return next((a for r, a in shown if scene.instance(r) in others - {scene.instance(scene.request)}), None)

    if len(vendor.resting(vendor.operations[belief.operation])) > 1:
        yield Fault(misdeed, belief, "confuses two who ask at the same moment", asks=asks, act=act)


MISDEEDS = {"depends-on-the-option": _depends, "stands-still": _stands_still, "confuses-two": _confuses}
