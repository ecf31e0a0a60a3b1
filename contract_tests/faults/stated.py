"""What can go wrong with what OpenAPI's own words state: statuses, bodies, headers, properties, samples."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .. import document
from ..grammar import pointers
from ..grammar.schemas import Property
from ..messages import MISSING, Answer
from ..reading import view
from ..vendor import Belief, Response, Vendor
from .fault import Derived, Fault, Misdeed, Scene, edited, with_body, with_header

UNDOCUMENTED = (203, 206, 205, 299)
MALFORMED = {
    "date-time": "2019-12-27 18:11:19",
    "uuid": "182bd5e5-6e1a-4fe4-a799",
    "uri-reference": "http://[",
    "uri": "not a url",
}


def _strange_success(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "success":
        return
    documented = {response.status for response in vendor.operations[belief.operation].responses}
    status = next(code for code in UNDOCUMENTED if str(code) not in documented)

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


def _in(belief: Belief, vendor: Vendor, scene: Scene) -> Response | None:
    """The documented response that a true answer is, if it is of the belief's operation and has a JSON body."""
    if scene.operation != belief.operation or scene.answer.reading.unreadable:
        return None
    found = vendor.operations[belief.operation].response(scene.answer.status)
    return found if found is not None and found.media else None


def _of_response(act: Callable[[Answer], Answer], does: str) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        if belief.name == "unambiguous":
            return

        def told(scene: Scene) -> Answer | None:
            found = _in(belief, vendor, scene)
            return act(scene.answer) if found and found.id == belief.name else None

        yield Fault(misdeed, belief, does, act=told)

    return derive


def _twice(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "unambiguous":
        return

    def act(scene: Scene) -> Answer | None:
        body = scene.body
        if _in(belief, vendor, scene) is None or not isinstance(body, dict) or not body:
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


def _property(vendor: Vendor, belief: Belief) -> Property:
    """The property that a `schema` belief is about."""
    for response in vendor.operations[belief.operation].responses:
        for found in vendor.schemas.reach(response.schema) if response.media else ():
            if found.id == belief.name:
                return found
    raise KeyError(belief.name)


def _edit(
    misdeed: Misdeed, vendor: Vendor, belief: Belief, does: str, detail: str, change: Callable[[Any], Any]
) -> Fault:
    """A fault that changes each value of a property; `change` may give MISSING, or the value itself to leave it."""

    def act(scene: Scene) -> Answer | None:
        found, body = _in(belief, vendor, scene), scene.body
        if found is None:
            return None
        places = [
            (place, value) for prop, place, value in vendor.schemas.typed(found.schema, body) if prop.id == belief.name
        ]
        edits = {place: change(value) for place, value in places}
        changed = {place: new for place, new in edits.items() if new is MISSING or new != pointers.get(body, place)}
        return edited(scene.answer, changed) if changed else None

    return Fault(misdeed, belief, does, detail, act=act)


def _drops(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if _property(vendor, belief).required:
        yield _edit(misdeed, vendor, belief, "leaves a required field out", "", lambda value: MISSING)


def _nulls(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if not vendor.compiled(_property(vendor, belief).node).is_valid(None):
        yield _edit(misdeed, vendor, belief, "sends null for a field that is not nullable", "", lambda value: None)


def _mistypes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    validator = vendor.compiled(_property(vendor, belief).node)
    for detail, value in (("text", "pollspec"), ("number", 42.5), ("boolean", True), ("object", {}), ("list", [])):
        if not validator.is_valid(value) and not _refused_otherwise(vendor, belief, value):
            yield _edit(misdeed, vendor, belief, f"sends a {detail} instead", detail, _always(value))


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def _refused_otherwise(vendor: Vendor, belief: Belief, value: Any) -> bool:
    """Whether a value has the right type and breaks another rule."""
    _, node = vendor.schemas.resolve(_property(vendor, belief).node)
    kinds = node.get("type", [])
    return bool(vendor.compiled({"type": kinds}).is_valid(value)) if kinds else False


def _crosses(word: str, make: Callable[[Any], Any], does: str) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    """Faults for one word of JSON Schema: what it allows is just missed."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        prop = _property(vendor, belief)
        _, node = vendor.schemas.resolve(prop.node)
        if word not in node:
            return
        new = make(node[word])
        if new is not MISSING and not vendor.compiled(prop.node).is_valid(new):
            detail = str(new) if word in {"minimum", "maximum"} else ""
            yield _edit(misdeed, vendor, belief, does, detail, _always(new))

    return derive


def _spoils(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The document's sample itself: one required or typed member is wrong."""

    def spoilt(sound: Vendor) -> Vendor:
        content = copy.deepcopy(sound.document.content)
        owner, _, name = belief.name.partition(".")
        for value in _samples(content, name):
            for response in sound.operations[belief.operation].responses:
                if response.id == owner:
                    _spoil(value, sound, response)
        return view(document.Document(sound.slug, sound.document.path, content, sound.document.lines))

    yield Fault(misdeed, belief, "a sample that does not satisfy its schema", document=spoilt)


def _samples(content: Any, name: str) -> list[Any]:
    """The values of every example of that name in a document, wherever it stands."""
    found = []
    for item in content["paths"].values():
        for operation in item.values():
            for response in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                inner = _follow(content, response)
                for media in inner.get("content", {}).values():
                    if name in media.get("examples", {}):
                        found.append(_follow(content, media["examples"][name])["value"])
    return found


def _follow(content: Any, node: Any) -> Any:
    while "$ref" in node:
        reference, node = node["$ref"], content
        for token in reference.removeprefix("#/").split("/"):
            node = node[token]
    return node


def _spoil(value: dict[str, Any], vendor: Vendor, response: Response) -> None:
    for found in vendor.schemas.properties(response.schema):
        candidates: list[Any] = [None, 42.5, {}, "pollspec"]
        for wrong in candidates:
            if not vendor.compiled(found.node).is_valid(wrong):
                value[found.name] = wrong
                return


def _longer(length: int) -> str:
    return "0" * (length + 1)


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
    Misdeed("drops-the-field", "schema", _drops),
    Misdeed("nulls-the-field", "schema", _nulls),
    Misdeed("mistypes-the-field", "schema", _mistypes),
    Misdeed(
        "undercuts-the-minimum", "schema", _crosses("minimum", lambda low: low - 1, "sends one less than the least")
    ),
    Misdeed(
        "exceeds-the-maximum", "schema", _crosses("maximum", lambda high: high + 1, "sends one more than the most")
    ),
    Misdeed("widens-the-list", "schema", _crosses("enum", lambda _: "pollspec-unlisted", "sends a value not listed")),
    Misdeed("contradicts-the-constant", "schema", _crosses("const", lambda fixed: not fixed, "sends the opposite")),
    Misdeed("sends-too-long", "schema", _crosses("maxLength", _longer, "sends one character too many")),
    Misdeed("sends-too-short", "schema", _crosses("minLength", lambda n: "0" * (n - 1), "sends one character too few")),
    Misdeed("breaks-the-pattern", "schema", _crosses("pattern", lambda _: "!" * 36, "sends other characters")),
    Misdeed(
        "breaks-the-format", "schema", _crosses("format", lambda f: MALFORMED.get(f, MISSING), "breaks the format")
    ),
    Misdeed("spoils-the-sample", "sample", _spoils),
)
