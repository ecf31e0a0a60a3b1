"""`response`: a body is not what it is said to be, or cannot be read alike by every reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import with_body, with_header
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, documented
from pollspec.servers.faults.occasions import shown


def _always(vendor: Vendor, belief: Belief) -> bool:
    return True


def _list_is_wrong(vendor: Vendor, belief: Belief) -> bool:
    """Whether a list around a printed body is no body."""
    responses = [one for one in vendor.operations[belief.operation].responses if one.id == belief.name]
    samples = [(one.schema, [value]) for one in responses for value in one.examples.values()]
    return not any(vendor.schemas.validator(schema).is_valid(value) for schema, value in samples)


def _of_response(
    act: Callable[[Answer], Answer], does: str, tells: Callable[[Vendor, Belief], bool] = _always
) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        if belief.name == "unambiguous" or not tells(vendor, belief):
            return

        def told(scene: Scene) -> Answer | None:
            answer = shown(scene, belief.operation, belief.name)
            return act(answer) if answer and answer.content and not answer.reading.unreadable else None

        yield Fault(misdeed, belief, does, act=told)

    return derive


def _twice(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A name twice in the first object; a mark before a body that has none."""
    if belief.name != "unambiguous":
        return
    samples = [value for r in vendor.operations[belief.operation].responses for value in r.examples.values()]
    if any(isinstance(sample, dict) for sample in samples):
        yield Fault(misdeed, belief, "writes a name twice in one object", act=_doing(belief, _named_twice))
    else:
        does = "writes a byte order mark before the body"
        yield Fault(misdeed, belief, does, "mark", act=_doing(belief, lambda answer: b"\xef\xbb\xbf" + answer.content))


def _doing(belief: Belief, made: Callable[[Answer], bytes]) -> Callable[[Scene], Answer | None]:
    def act(scene: Scene) -> Answer | None:
        content = made(scene.answer) if documented(scene, belief) else b""
        return replace(scene.answer, content=content) if content else None

    return act


def _named_twice(answer: Answer) -> bytes:
    """A body whose first name stands twice; nothing where it is no object."""
    body = answer.reading.value
    if not isinstance(body, dict) or not body:
        return b""
    name, value = next(iter(body.items()))
    return b"{" + f"{json.dumps(name)}: {json.dumps(value)}, ".encode() + answer.content.strip()[1:]


MISDEEDS = {
    "mislabels-the-body": _of_response(
        lambda answer: with_header(answer, "content-type", "text/html"), "sends another content type"
    ),
    "breaks-the-body-off": _of_response(
        lambda answer: replace(answer, content=answer.content[:-1]), "sends a JSON text without its end"
    ),
    "wraps-the-body": _of_response(
        lambda answer: with_body(answer, [answer.reading.value]), "sends a list around the body", _list_is_wrong
    ),
    "says-it-twice": _twice,
}
