"""`response`: a body is not what it is said to be, or cannot be read alike by every reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from pollspec.document.messages import Answer
from pollspec.document.operations import Response, is_json
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import with_body, with_header
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, documented
from pollspec.servers.faults.occasions import shown

HTML = "text/html"


def _responses(vendor: Vendor, belief: Belief) -> list[Response]:
    return [one for one in vendor.operations[belief.operation].responses if one.id == belief.name]


def _is_none_of_html(vendor: Vendor, belief: Belief) -> bool:
    """Whether no documented body may be HTML."""
    return all(one.kind(HTML) is None for one in _responses(vendor, belief))


def _is_json(vendor: Vendor, belief: Belief) -> bool:
    """Whether the documented bodies are JSON."""
    return all(map(is_json, (media for one in _responses(vendor, belief) for media in one.sent)))


def _list_is_wrong(vendor: Vendor, belief: Belief) -> bool:
    """Whether a list around a printed body is no body."""
    samples = [(one.schema, [value]) for one in _responses(vendor, belief) for value in one.examples.values()]
    return not any(vendor.schemas.validator(schema).is_valid(value) for schema, value in samples)


def _of_response(
    act: Callable[[Answer], Answer], does: str, tells: Callable[[Vendor, Belief], bool]
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
        lambda answer: with_header(answer, "content-type", HTML), "sends another content type", _is_none_of_html
    ),
    "breaks-the-body-off": _of_response(
        lambda answer: replace(answer, content=answer.content[:-1]), "sends a JSON text without its end", _is_json
    ),
    "wraps-the-body": _of_response(
        lambda answer: with_body(answer, [answer.reading.value]), "sends a list around the body", _list_is_wrong
    ),
    "says-it-twice": _twice,
}
