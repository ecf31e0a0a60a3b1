"""`moves`: what is moved stays, what may be moved is refused, what must be refused is moved."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import replace

from pollspec.document import expressions
from pollspec.document.lifecycles import Lifecycle, View, identity
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import refusal
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene


def _view(vendor: Vendor, belief: Belief) -> tuple[Lifecycle, View]:
    """The lifecycle, and the first view that identifies what it shows."""
    lifecycle = vendor.lifecycles[belief.says["of"]]
    return lifecycle, next(view for view in lifecycle.views.values() if not view.latest)


def _looking(vendor: Vendor, view: View, request: Request) -> Request:
    """A request that looks at what another one is about."""
    path = vendor.operations[view.operation].path
    for name, value in request.parameters.items():
        path = path.replace(f"{{{name}}}", urllib.parse.quote(value, safe=""))
    return replace(request, operation=view.operation, method="GET", target=f"{vendor.base_path}{path}", content=b"")


def _accepted(vendor: Vendor, operation: str) -> Answer:
    """The documented success."""
    response = vendor.operations[operation].success
    assert response is not None
    body = next(iter(response.examples.values()), MISSING)
    media = next(iter(response.sent), "")
    headers = (("content-type", media),) if media else ()
    return Answer(response.code, headers, b"" if body is MISSING else json.dumps(body).encode())


def _refused(belief: Belief) -> Answer:
    """The answer from another stage."""
    status = belief.says.get("otherwise", {}).get("$statusCode", 409)
    return refusal(status if isinstance(status, int) else 409)


def _instead(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Nothing is moved: the server looks, and answers as if it were, or that it must not be."""
    ignores = misdeed.name == "ignores-the-move"
    lifecycle, view = _view(vendor, belief)

    def asks(scene: Scene) -> Request:
        return _looking(vendor, view, scene.request) if scene.operation == belief.operation else scene.request

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation:
            return None
        looked = _looking(vendor, view, scene.request)
        shown = lifecycle.shown(view.operation, looked, scene.answer) or frozenset()
        return _accepted(vendor, belief.operation) if ignores and shown & set(belief.says["from"]) else _refused(belief)

    does = "says that it moves what it leaves where it is" if ignores else "refuses to move what it should"
    yield Fault(misdeed, belief, does, asks=asks, act=act)


def _from_anywhere(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    lifecycle, view = _view(vendor, belief)

    def about(request: Request) -> str:
        return identity([expressions.value(text, request) for text in lifecycle.asked_by])

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation or scene.answer.status < 400:
            return None
        known = [r for r, a in scene.past if r.operation == view.operation and about(r) == about(scene.request)]
        return _accepted(vendor, belief.operation) if known else None

    if set(belief.says["from"]) < set(lifecycle.stages):
        yield Fault(misdeed, belief, "says that it moves what it must not", act=act)


MISDEEDS = {"ignores-the-move": _instead, "refuses-the-move": _instead, "moves-from-anywhere": _from_anywhere}
