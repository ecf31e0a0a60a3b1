"""`schema`: a property of a body is missing, null, of another type, out of its bounds."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from pollspec.document import pointers
from pollspec.document.blame import blames
from pollspec.document.messages import MISSING, Answer
from pollspec.document.operations import Response
from pollspec.document.shapes import Node, Property
from pollspec.document.source import walk
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import edited, with_body
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, documented, is_played
from pollspec.servers.faults.occasions import shown

LONGEST = 100_000
"""Characters of a text that is too long or too short by one."""
MALFORMED = {
    "date-time": "2019-12-27 18:11:19",
    "uuid": "182bd5e5-6e1a-4fe4-a799",
    "uri-reference": "http://[",
    "uri": "not a url",
}


def _property(vendor: Vendor, belief: Belief) -> Property:
    """The property that a `schema` belief is about."""
    for response in vendor.operations[belief.operation].responses:
        for schema in response.media.values():
            if (found := vendor.schemas.reached(schema).get(belief.name)) is not None:
                return found
    raise KeyError(belief.name)


def _edit(
    misdeed: Misdeed, vendor: Vendor, belief: Belief, does: str, detail: str, change: Callable[[Any], Any]
) -> Fault:
    """A fault that changes each value of a property; `change` may give MISSING, or the value itself to leave it.

    What no sample shows is added; where no stage is shown, another sample of the same answer may have it.
    """
    adds, only = not _is_shown(vendor, belief), _only_in(vendor, belief)

    def act(scene: Scene) -> Answer | None:
        answer = shown(scene, belief.operation, only.id) if only else scene.answer
        found = only or documented(scene, belief)
        if answer is None or found is None or answer.reading.unreadable:
            return None
        others = [] if scene.lifecycle else [with_body(answer, sample) for sample in found.examples.values()]
        schema = found.schema_in(answer.media_type)
        made = (_edited(scene.vendor, belief, schema, one, change, adds) for one in (answer, *others))
        return next(filter(None, made), None)

    return Fault(misdeed, belief, does, detail, act=act)


def _only_in(vendor: Vendor, belief: Belief) -> Response | None:
    """The one response that has a property, where there is but one."""
    responses = vendor.operations[belief.operation].responses
    found = [one for one in responses if any(belief.name in vendor.schemas.reached(s) for s in one.media.values())]
    return found[0] if len(found) == 1 else None


def _is_shown(vendor: Vendor, belief: Belief) -> bool:
    """Whether some sample of the operation has a property, or something is played there."""
    samples = [
        (r.schema, value) for r in vendor.operations[belief.operation].responses for value in r.examples.values()
    ]
    held = any(prop.id == belief.name for pair in samples for prop, _, _ in vendor.schemas.typed(*pair))
    return held or is_played(vendor, _property(vendor, belief).name)


def _added(vendor: Vendor, belief: Belief, schema: Node, body: Any, value: Any) -> dict[str, Any]:
    """A property put into the first object that declares it, by its place."""
    name = _property(vendor, belief).name
    for place, inner in walk(body):
        if isinstance(inner, dict) and value is not MISSING:
            there, made = "".join(f"/{pointers.token(str(key))}" for key in (*place, name)), copy.deepcopy(body)
            pointers.put(made, there, value)
            if any((prop.id, at) == (belief.name, there) for prop, at, _ in vendor.schemas.typed(schema, made)):
                return {there: value}
    return {}


def _edited(
    vendor: Vendor, belief: Belief, schema: Node, answer: Answer, change: Callable[[Any], Any], adds: bool = False
) -> Answer | None:
    """An answer with each value of a property changed; None where nothing is, or what is made is legal."""
    body = answer.reading.value
    typed = vendor.schemas.typed(schema, body)
    edits = {place: change(value) for prop, place, value in typed if prop.id == belief.name}
    edits = edits or (_added(vendor, belief, schema, body, change(MISSING)) if adds else {})
    changed = {place: new for place, new in edits.items() if not _is(new, pointers.get(body, place))}
    made = edited(answer, changed)
    return None if not changed or vendor.schemas.validator(schema).is_valid(made.reading.value) else made


def _is(one: Any, other: Any) -> bool:
    """Whether two values are one and the same; true is not 1."""
    return one is not MISSING and one == other and isinstance(one, bool) is isinstance(other, bool)


def _tells(vendor: Vendor, belief: Belief, change: Callable[[Any], Any]) -> bool:
    """Whether a change of a property is its own fault: of one in a branch, the document's samples must show it."""
    if not _property(vendor, belief).alternative:
        return True
    for response in vendor.operations[belief.operation].responses:
        for value in response.examples.values():
            sample = Answer(response.code, (), json.dumps(value).encode())
            made = _edited(vendor, belief, response.schema, sample, change)
            errors = vendor.schemas.validator(response.schema).iter_errors(made.reading.value) if made else ()
            for error in errors:
                for blame in blames(vendor.schemas, response.schema, error):
                    if blame.owner is not None and blame.owner.id == belief.name:
                        return True
    return False


def _drops(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if _property(vendor, belief).required:
        yield _edit(misdeed, vendor, belief, "leaves a required field out", "", lambda value: MISSING)


def _nulls(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if not vendor.schemas.validator(_property(vendor, belief).node).is_valid(None) and _tells(
        vendor, belief, _always(None)
    ):
        yield _edit(misdeed, vendor, belief, "sends null for a field that is not nullable", "", lambda value: None)


def _mistypes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    validator = vendor.schemas.validator(_property(vendor, belief).node)
    for detail, value in (("text", "pollspec"), ("number", 42.5), ("boolean", True), ("object", {}), ("list", [])):
        wrong = not validator.is_valid(value) and not _refused_otherwise(vendor, belief, value)
        if wrong and _tells(vendor, belief, _always(value)):
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
        wrong = new is not MISSING and not vendor.schemas.validator(prop.node).is_valid(new)
        if wrong and _tells(vendor, belief, _always(new)):
            detail = str(new) if word in {"minimum", "maximum"} else ""
            yield _edit(misdeed, vendor, belief, does, detail, _always(new))

    return derive


def _longer(most: int) -> Any:
    """A text of one character too many; MISSING where no server would send one."""
    return "0" * (most + 1) if most <= LONGEST else MISSING


def _shorter(least: int) -> Any:
    """A text of one character too few."""
    return "0" * (least - 1) if least <= LONGEST else MISSING


MISDEEDS = {
    "drops-the-field": _drops,
    "nulls-the-field": _nulls,
    "mistypes-the-field": _mistypes,
    "undercuts-the-minimum": _crosses("minimum", lambda low: low - 1, "sends one less than the least"),
    "exceeds-the-maximum": _crosses("maximum", lambda high: high + 1, "sends one more than the most"),
    "widens-the-list": _crosses("enum", lambda _: "pollspec-unlisted", "sends a value not listed"),
    "contradicts-the-constant": _crosses("const", lambda fixed: not fixed, "sends the opposite"),
    "sends-too-long": _crosses("maxLength", _longer, "sends one character too many"),
    "sends-too-short": _crosses("minLength", _shorter, "sends one character too few"),
    "breaks-the-pattern": _crosses("pattern", lambda _: "!" * 36, "sends other characters"),
    "breaks-the-format": _crosses("format", lambda name: MALFORMED.get(name, MISSING), "breaks the format"),
}
