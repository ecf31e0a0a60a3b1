"""`response`: a body is not what it is said to be, or cannot be read alike by every reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import with_body, with_header
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, documented


def _of_response(act: Callable[[Answer], Answer], does: str) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        if belief.name == "unambiguous":
            return

        def told(scene: Scene) -> Answer | None:
            found = documented(scene, belief)
            return act(scene.answer) if found and found.id == belief.name else None

        yield Fault(misdeed, belief, does, act=told)

    return derive


def _twice(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "unambiguous":
        return

    def act(scene: Scene) -> Answer | None:
        body = scene.body
        if documented(scene, belief) is None or not isinstance(body, dict) or not body:
            return None
        name, value = next(iter(body.items()))
        content = scene.answer.content.strip()
        return replace(scene.answer, content=b"{" + f"{json.dumps(name)}: {json.dumps(value)}, ".encode() + content[1:])

    yield Fault(misdeed, belief, "writes a name twice in one object", act=act)


MISDEEDS = {
    "mislabels-the-body": _of_response(
        lambda answer: with_header(answer, "content-type", "text/html"), "sends another content type"
    ),
    "breaks-the-body-off": _of_response(
        lambda answer: replace(answer, content=answer.content[:-1]), "sends a JSON text without its end"
    ),
    "wraps-the-body": _of_response(
        lambda answer: with_body(answer, [answer.reading.value]), "sends a list around the body"
    ),
    "says-it-twice": _twice,
}
