"""Other refusals and redirects, where the page fixes none: statuses, bodies, the form of Location."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from pollspec.document.conditions import any_holds
from pollspec.document.keywords import Provoked
from pollspec.document.messages import Answer, header
from pollspec.document.vendor import Belief
from pollspec.servers.faults.edits import with_body, with_header
from pollspec.servers.faults.fault import Scene
from pollspec.servers.variations.variation import Variation, is_legal


def _beliefs(scene: Scene) -> list[Belief]:
    """The beliefs about refusals that an answer must meet."""
    mine = scene.vendor.provoked(scene.operation, Provoked.ANSWER, Provoked.REFUSAL)
    moving = [one for one in scene.vendor.beliefs if one.operation == scene.operation and "otherwise" in one.says]
    return [*(belief for belief in mine if "expect" in belief.says or "mentions" in belief.says), *moving]


def _is_open(scene: Scene, answer: Answer) -> bool:
    """Whether every belief that the polite answer meets is met by another answer as well."""
    for belief in _beliefs(scene):
        expects = scene.vendor.condition(belief.says.get("expect") or belief.says.get("otherwise"))
        fixed = "mentions" in belief.says or any(clause not in (False,) for clause in _body_clauses(belief))
        if (expects.holds(scene.request, scene.answer) and not expects.holds(scene.request, answer)) or (
            fixed and _is_its(scene, belief)
        ):
            return False
        if _lacks(scene, belief, answer) and not _lacks(scene, belief, scene.answer):
            return False
    return True


def _lacks(scene: Scene, belief: Belief, answer: Answer) -> bool:
    """Whether an answer should mention something by a belief that speaks of it, and does not."""
    when = scene.vendor.conditions(belief.says.get("when"))
    met = not when or any_holds(when, scene.request, answer)
    return "mentions" in belief.says and met and str(belief.says["mentions"]).encode() not in answer.content


def _body_clauses(belief: Belief) -> list[Any]:
    return [clause for text, clause in belief.says.get("expect", {}).items() if text.startswith("$response.body")]


def _is_its(scene: Scene, belief: Belief) -> bool:
    """Whether the polite answer is the one that a belief plays."""
    plays = belief.says.get("plays", {})
    return bool(plays.get("status") == scene.answer.status)


def _refused(make: Callable[[Scene], Answer]) -> Callable[[Scene], Answer | None]:
    def act(scene: Scene) -> Answer | None:
        if not 400 <= scene.answer.status < 600 or scene.answer.status in {429, 503}:
            return None
        if scene.shown(scene.request, scene.answer):  # it tells a state
            return None
        told = make(scene)
        return told if _is_open(scene, told) and is_legal(scene, told) else None

    return act


def _status(code: int) -> Callable[[Scene], Answer | None]:
    return _refused(lambda scene: replace(scene.answer, status=code))


def _plain(scene: Scene) -> Answer:
    return Answer(scene.answer.status, (("content-type", "text/html"),), b"<html><h1>No</h1></html>")


def _empty(scene: Scene) -> Answer:
    return Answer(scene.answer.status, (("content-length", "0"),), b"")


def _problem(scene: Scene) -> Answer:
    body = {"type": "about:blank", "title": "No", "status": scene.answer.status}
    return with_header(with_body(scene.answer, body), "Content-Type", "application/problem+json")


def _code_elsewhere(write: Callable[[int | str], Any]) -> Callable[[Scene], Answer | None]:
    """The unique code at another place of the body, as a number or a text."""

    def act(scene: Scene) -> Answer | None:
        codes = {b.says["mentions"] for b in _beliefs(scene) if "mentions" in b.says and _is_its(scene, b)}
        code = next((code for code in codes if str(code) in scene.answer.content.decode("utf-8", "replace")), None)
        told = None if code is None else with_body(scene.answer, write(code))
        return told if told and is_legal(scene, told) else None

    return act


def _strict_about_queries(scene: Scene) -> Answer | None:
    known = {p.name for p in scene.vendor.operations[scene.operation].parameters if p.place == "query"}
    if set(scene.request.query) <= known:
        return None
    return Answer(400, (("content-type", "application/json"),), b'{"success": false, "error": "invalid-params"}')


def _strict_about_length(scene: Scene) -> Answer | None:
    return (
        Answer(414, (("content-type", "text/html"),), b"<h1>URI too long</h1>")
        if len(scene.request.target) > 150
        else None
    )


def _location(change: Callable[[Scene, str], str]) -> Callable[[Scene], Answer | None]:
    def act(scene: Scene) -> Answer | None:
        there = header(scene.answer.headers, "location")
        return with_header(scene.answer, "Location", change(scene, there)) if isinstance(there, str) else None

    return act


def _relative(scene: Scene, there: str) -> str:
    up = scene.request.target.partition("?")[0].strip("/").count("/")
    return "../" * up + there.lstrip("/") if there.startswith("/") else there


def _with_a_body(scene: Scene) -> Answer | None:
    if not 300 <= scene.answer.status < 400:
        return None
    return replace(
        scene.answer,
        headers=(*scene.answer.headers, ("content-type", "application/json")),
        content=json.dumps({"id": "i1", "status": "completed"}).encode(),
    )


def _as_html(scene: Scene) -> Answer | None:
    if not 300 <= scene.answer.status < 400:
        return None
    return replace(
        scene.answer, headers=(*scene.answer.headers, ("content-type", "text/html")), content=b"<a>See other</a>"
    )


VARIATIONS = (
    *(
        Variation(f"refused-with-{code}", f"{code} where the page fixes no status", _status(code))
        for code in (400, 401, 403, 404, 405, 410, 422)
    ),
    Variation("refused-in-html", "a refusal as a page", _refused(_plain)),
    Variation("refused-in-silence", "a refusal without a body", _refused(_empty)),
    Variation("refused-as-a-problem", "a refusal as RFC 9457 has it", _refused(_problem)),
    Variation(
        "code-as-text",
        "the unique code as a text, deep in the body",
        _code_elsewhere(lambda code: {"error": {"reasons": [{"unique_code": str(code)}]}}),
    ),
    Variation(
        "code-as-number", "the unique code as a number, at the top", _code_elsewhere(lambda code: {"code": int(code)})
    ),
    Variation("strict-about-queries", "unknown query parameters are refused", _strict_about_queries),
    Variation("strict-about-length", "long addresses are refused", _strict_about_length),
    Variation(
        "absolute-location",
        "Location with scheme and host",
        _location(lambda scene, there: urljoin("https://host.example", there)),
    ),
    Variation("relative-location", "Location relative to what was asked", _location(_relative)),
    Variation("redirect-with-body", "a redirect with a JSON body", _with_a_body),
    Variation("redirect-with-page", "a redirect with a page", _as_html),
)
