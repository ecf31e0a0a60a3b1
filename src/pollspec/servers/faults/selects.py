"""`selects`: what was not named is sent, or what was named is not."""

from __future__ import annotations

import urllib.parse
from dataclasses import replace
from typing import Any

from pollspec.document import expressions, projections
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import edited
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene


def _unselected(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.says.get("complete"):
        return
    name = expressions.parse(belief.says["parameter"]).name

    def asks(scene: Scene) -> Request:
        path, _, query = scene.request.target.partition("?")
        kept = [(key, value) for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True) if key != name]
        return replace(scene.request, target=f"{path}?{urllib.parse.urlencode(kept)}")

    yield Fault(misdeed, belief, f"takes no notice of {name}", asks=asks)


def _selected(scene: Scene, belief: Belief) -> projections.Projection | None:
    text = expressions.value(belief.says["parameter"], scene.request)
    if scene.operation != belief.operation or not isinstance(text, str) or not isinstance(scene.body, dict):
        return None
    try:
        return projections.parse(text) if 200 <= scene.answer.status < 300 else None
    except ValueError:
        return None


def _too_wide(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.says.get("complete"):
        return

    def act(scene: Scene) -> Answer | None:
        return edited(scene.answer, {"/unasked": "pollspec"}) if _selected(scene, belief) else None

    def inside(scene: Scene) -> Answer | None:
        tree, body = _selected(scene, belief), scene.body
        return edited(scene.answer, {"": body}) if tree and _widen(body, tree) else None

    yield Fault(misdeed, belief, "sends a field that was not named", act=act)
    yield Fault(misdeed, belief, "sends a sub-field that was not named", "inside", act=inside)


def _widen(body: Any, tree: projections.Projection) -> bool:
    """Put a member that was not named into each innermost object whose sub-fields are; whether there was one."""
    inner = [
        (item, sub)
        for name, sub in tree.items()
        if sub is not None and isinstance(body, dict) and name in body
        for item in (body[name] if isinstance(body[name], list) else [body[name]])
        if isinstance(item, dict)
    ]
    for item, sub in inner:
        if not _widen(item, sub):
            item["unasked"] = "pollspec"
    return bool(inner)


def _too_narrow(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if not belief.says.get("complete"):
        return

    def act(scene: Scene) -> Answer | None:
        tree, body = _selected(scene, belief), scene.body
        name = next((name for name in tree or {} if name in body), None)
        return edited(scene.answer, {f"/{name}": MISSING}) if name else None

    yield Fault(misdeed, belief, "leaves a named field out", act=act)


MISDEEDS = {
    "ignores-the-selection": _unselected,
    "selects-too-much": _too_wide,
    "selects-too-little": _too_narrow,
}
