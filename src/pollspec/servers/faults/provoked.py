"""What can go wrong with the answer to a certain request: refusals, named subjects, projections, secrets."""

from __future__ import annotations

import urllib.parse
from dataclasses import replace
from typing import Any

from pollspec.document import expressions, projections
from pollspec.document.conditions import same
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, broken, edited, with_header

LETS_IN = {
    "none": "answers-strangers",
    "invalid": "accepts-a-wrong-credential",
    "unprivileged": "ignores-the-permission",
    "default": "accepts-a-bad-request",
}


def _concerns(scene: Scene, belief: Belief) -> bool:
    """Whether a request at a server is one that a belief speaks of."""
    says, vendor, request = belief.says, scene.vendor, scene.request
    if request.operation != belief.operation:
        return False
    signed = {text for headers in vendor.credentials.values() for text in headers}
    if vendor.credential_of(request) != says.get("credential", "default") and not signed & _sent(belief):
        return False
    if subject := says.get("subject"):
        own = set() if belief.keyword == "answers" else _sent(belief) | signed
        card = [(text, value) for text, value in vendor.subjects[subject].given.items() if text not in own]
        if not all(same(expressions.value(text, request), value) for text, value in card):
            return False
    recognised = vendor.recognises(belief)
    return not recognised or any(condition.holds(request, scene.answer) for condition in recognised)


def _sent(belief: Belief) -> set[str]:
    return {text for sends in belief.says.get("sends", []) for text in sends}


def _lets_in(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A refusal that succeeds: the answer that a good request got before."""
    if LETS_IN[belief.says.get("credential", "default")] != misdeed.name:
        return

    def act(scene: Scene) -> Answer | None:
        if not _concerns(scene, belief):
            return None
        successes = [*scene.successes(scene.operation), *scene.earlier()]
        good = [a for r, a in successes if a.status < 400 and vendor.credential_of(r) == "default"]
        return good[-1] if good else None

    yield Fault(misdeed, belief, "answers as if nothing were wrong", act=act)


def _misanswers(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """One clause of what is expected is broken."""
    for text, clause in belief.says.get("expect", {}).items():

        def act(scene: Scene, text: str = text, clause: Any = clause) -> Answer | None:
            return broken(scene, text, clause) if _concerns(scene, belief) else None

        yield Fault(misdeed, belief, f"answers with another {text}", text.replace("$response.", ""), act=act)


def _miscodes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The code that the answer mentions is another one."""
    if "mentions" not in belief.says:
        return

    def act(scene: Scene) -> Answer | None:
        if not _concerns(scene, belief):
            return None
        text = scene.answer.content.decode("utf-8", "replace")
        return replace(scene.answer, content=text.replace(str(belief.says["mentions"]), "4711").encode())

    yield Fault(misdeed, belief, "answers with another code", act=act)


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


MISDEEDS = (
    *(Misdeed(name, "refuses", _lets_in) for name in LETS_IN.values()),
    Misdeed("refuses-otherwise", "refuses", _misanswers),
    Misdeed("answers-otherwise", "answers", _misanswers),
    Misdeed("mistakes-the-code", "answers", _miscodes),
    Misdeed("repeats-the-secret", "keeps-secret", _repeats("answer")),
    Misdeed("repeats-the-secret-in-errors", "keeps-secret", _repeats("error")),
    Misdeed("repeats-the-secret-in-headers", "keeps-secret", _repeats("header")),
    Misdeed("ignores-the-selection", "selects", _unselected),
    Misdeed("selects-too-much", "selects", _too_wide),
    Misdeed("selects-too-little", "selects", _too_narrow),
)
