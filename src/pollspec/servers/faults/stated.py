"""What can go wrong with what OpenAPI's own words state: statuses, bodies, headers, properties, samples."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pollspec.document import source
from pollspec.document.messages import Answer
from pollspec.document.operations import Response
from pollspec.document.reading import view
from pollspec.document.references import resolve
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, documented, with_body, with_header

UNDOCUMENTED = (203, 206, 205, 299, *range(207, 299))


def _strange_success(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "success":
        return
    operation = vendor.operations[belief.operation]
    status = next(code for code in UNDOCUMENTED if operation.response(code) is None)

    def act(scene: Scene) -> Answer | None:
        if scene.operation == belief.operation and 200 <= scene.answer.status < 300:
            return replace(scene.answer, status=status)
        return None

    yield Fault(misdeed, belief, f"answers {status} where a success is due", str(status), act=act)


def _crashes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "no-crash":
        return

    def act(scene: Scene) -> Answer | None:
        if scene.operation == belief.operation and len(scene.successes(scene.operation)) >= 2:
            return Answer(500, (("content-type", "text/plain"),), b"Internal Server Error")
        return None

    yield Fault(misdeed, belief, "fails with 500 once it has answered twice", act=act)


def _of_response(act: Callable[[Answer], Answer], does: str) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        if belief.name == "unambiguous":
            return

        def told(scene: Scene) -> Answer | None:
            found = documented(belief, scene)
            return act(scene.answer) if found and found.id == belief.name else None

        yield Fault(misdeed, belief, does, act=told)

    return derive


def _twice(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "unambiguous":
        return

    def act(scene: Scene) -> Answer | None:
        body = scene.body
        if documented(belief, scene) is None or not isinstance(body, dict) or not body:
            return None
        name, value = next(iter(body.items()))
        content = scene.answer.content.strip()
        return replace(scene.answer, content=b"{" + f"{json.dumps(name)}: {json.dumps(value)}, ".encode() + content[1:])

    yield Fault(misdeed, belief, "writes a name twice in one object", act=act)


def _header(value: str | None, does: str) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        wanted, _, name = belief.name.partition(".")

        def act(scene: Scene) -> Answer | None:
            found = vendor.operations[belief.operation].response(scene.answer.status)
            if scene.operation != belief.operation or found is None or found.id != wanted:
                return None
            return with_header(scene.answer, name, value)

        yield Fault(misdeed, belief, f"{does} {name}", act=act)

    return derive


def _spoils(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The document's sample itself: one required or typed member is wrong."""

    def spoilt(sound: Vendor) -> Vendor:
        content = copy.deepcopy(sound.document.content)
        for response in sound.operations[belief.operation].responses:
            if belief.name.startswith(f"{response.id}."):
                for value in _samples(content, response, belief.name.removeprefix(f"{response.id}.")):
                    _spoil(value, sound, response)
        return view(replace(sound.document, content=content))

    yield Fault(misdeed, belief, "a sample that does not satisfy its schema", document=spoilt)


def _samples(content: Any, response: Response, name: str) -> list[Any]:
    """The values of a response's example in a document's content; each media type may have one of that name."""
    node, _ = source.follow(content, response.place)
    media = node.get("content", {}).values()
    written = [resolve(content, inner["examples"][name])[0] for inner in media if name in inner.get("examples", {})]
    return [one["value"] for one in written] or [inner["example"] for inner in media if "example" in inner]


def _spoil(value: dict[str, Any], vendor: Vendor, response: Response) -> None:
    for found in vendor.schemas.properties(response.schema):
        candidates: list[Any] = [None, 42.5, {}, "pollspec"]
        for wrong in candidates:
            if not vendor.schemas.validator(found.node).is_valid(wrong):
                value[found.name] = wrong
                return


MISDEEDS = (
    Misdeed("succeeds-strangely", "status", _strange_success),
    Misdeed("crashes", "status", _crashes),
    Misdeed(
        "mislabels-the-body",
        "response",
        _of_response(lambda answer: with_header(answer, "content-type", "text/html"), "sends another content type"),
    ),
    Misdeed(
        "breaks-the-body-off",
        "response",
        _of_response(lambda answer: replace(answer, content=answer.content[:-1]), "sends a JSON text without its end"),
    ),
    Misdeed(
        "wraps-the-body",
        "response",
        _of_response(lambda answer: with_body(answer, [answer.reading.value]), "sends a list around the body"),
    ),
    Misdeed("says-it-twice", "response", _twice),
    Misdeed("forgets-the-header", "header", _header(None, "leaves out")),
    Misdeed("garbles-the-header", "header", _header("http://[", "sends no URI reference in")),
    Misdeed("spoils-the-sample", "sample", _spoils),
)
