"""Other forms of the same answer: of its bytes, its headers, its identifiers and dates; and other moments."""

from __future__ import annotations

import datetime
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pollspec.document.conditions import GUID, instant
from pollspec.document.messages import Answer, header
from pollspec.servers.faults.edits import printed, with_body, with_header
from pollspec.servers.faults.fault import Scene
from pollspec.servers.variations.variation import Variation, is_legal, mapped


def _body(change: Callable[[Any], Any]) -> Callable[[Scene], Answer | None]:
    """Another body, where there is one and it differs."""

    def act(scene: Scene) -> Answer | None:
        if scene.answer.reading.unreadable:
            return None
        told = change(scene.body)
        return with_body(scene.answer, told) if json.dumps(told) != json.dumps(scene.body) else None

    return act


def _written(write: Callable[[Any], str]) -> Callable[[Scene], Answer | None]:
    """Another spelling of the same body."""

    def act(scene: Scene) -> Answer | None:
        return None if scene.answer.reading.unreadable else replace(scene.answer, content=write(scene.body).encode())

    return act


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(list(value))}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _escaped(value: Any) -> str:
    """JSON with every letter of its strings escaped."""
    text = json.dumps(value, ensure_ascii=True)
    return re.sub(
        r'"(?:[^"\\]|\\.)*"',
        lambda m: "".join(f"\\u{ord(c):04x}" if c.isalnum() and "\\" not in m[0] else c for c in m[0]),
        text,
    )


def _extra_fields(scene: Scene) -> Answer | None:
    if scene.answer.reading.unreadable or scene.vendor.projects(scene.request):
        return None
    told = with_body(scene.answer, extended(scene.body))
    return told if is_legal(scene, told) else None


def extended(value: Any) -> Any:
    """A JSON value with a member that nobody knows in each object."""
    if isinstance(value, dict):
        return {**{name: extended(inner) for name, inner in value.items()}, "x_unheard_of": "pollspec"}
    return [extended(item) for item in value] if isinstance(value, list) else value


def _labelled(scene: Scene) -> Answer | None:
    if not scene.answer.media_type:
        return None
    kind, _, sub = scene.answer.media_type.partition("/")
    return with_header(scene.answer, "Content-Type", f"{kind.title()}/{sub.upper()}; Charset=UTF-8")


def _zipped(scene: Scene) -> Answer | None:
    accepted = str(header(scene.request.headers, "accept-encoding") or "")
    if "gzip" not in accepted or not scene.answer.content:
        return None
    zipped = replace(scene.answer, content=gzip.compress(scene.answer.content, mtime=0))
    return with_header(zipped, "Content-Encoding", "gzip")


def _more_headers(scene: Scene) -> Answer | None:
    more = (
        ("Set-Cookie", "a=1; HttpOnly"),
        ("Set-Cookie", "b=2"),
        ("X-Request-Id", "7"),
        ("Vary", "Accept"),
        ("ETag", 'W/"1"'),
    )
    return replace(scene.answer, headers=(*scene.answer.headers, *more))


def _upper(value: Any) -> Any:
    return GUID.sub(lambda match: match[0].upper(), value) if isinstance(value, str) else value


def _dated(write: Callable[[datetime.datetime], str]) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        moment = instant(value)
        return value if moment is None else write(moment)

    return change


def _zulu(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _east(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.timezone(datetime.timedelta(hours=9, minutes=30))).isoformat(
        timespec="microseconds"
    )


def _fraction(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _once(place: int, answer: Answer) -> Callable[[Scene], Answer | None]:
    """Another answer to one poll in the middle of each trace."""

    def act(scene: Scene) -> Answer | None:
        return _documented(scene, answer) if scene.is_good and len(scene.earlier()) == place else None

    return act


def _every(number: int, answer: Answer) -> Callable[[Scene], Answer | None]:
    def act(scene: Scene) -> Answer | None:
        return _documented(scene, answer) if len(scene.past) % number == number - 1 else None

    return act


def _documented(scene: Scene, answer: Answer) -> Answer:
    """An answer as the document prints that status, where it does; it says when to come back as it did."""
    found = scene.vendor.operations[scene.operation].response(answer.status)
    told = printed(found, answer.status) if found is not None and found.is_exact else None
    again = header(answer.headers, "retry-after")
    return answer if told is None else with_header(told, "retry-after", again) if isinstance(again, str) else told


def _slowly(scene: Scene) -> Answer | None:
    scene.waits = 0.3
    return None


LIMITED = Answer(
    429, (("retry-after", "3"), ("content-type", "application/json")), b'{"success": false, "error": "slow down"}'
)
DOWN = Answer(503, (("content-type", "text/html"),), b"<h1>Down for maintenance</h1>")
GATEWAY = Answer(502, (("content-type", "text/html"),), b"<h1>Bad gateway</h1>")

VARIATIONS = (
    Variation("extra-fields", "unknown fields at every level", _extra_fields),
    Variation("other-order", "members in another order", _written(lambda value: json.dumps(_reversed(value)))),
    Variation(
        "pretty", "JSON over several lines", _written(lambda value: "\n " + json.dumps(value, indent=3) + "\r\n")
    ),
    Variation("compact", "JSON without white space", _written(lambda value: json.dumps(value, separators=(",", ":")))),
    Variation("escaped", "every letter of a string escaped", _written(_escaped)),
    Variation("labelled", "a content type with charset, in another case", _labelled),
    Variation("zipped", "a gzip body, where it was asked for", _zipped),
    Variation("more-headers", "headers nobody asked for, some of them twice", _more_headers),
    Variation("upper-case-guids", "GUIDs in upper case", _body(lambda body: mapped(body, _upper))),
    Variation(
        "dates-without-fractions", "date-times in whole seconds", _body(lambda body: mapped(body, _dated(_zulu)))
    ),
    Variation(
        "dates-elsewhere",
        "date-times of another zone, in microseconds",
        _body(lambda body: mapped(body, _dated(_east))),
    ),
    Variation(
        "integers-as-floats", "integers written with a fraction of zero", _body(lambda body: mapped(body, _fraction))
    ),
    Variation("limited-once", "one 429 with Retry-After in each trace", _once(3, LIMITED)),
    Variation("down-once", "one 503 in each trace", _once(4, DOWN)),
    Variation("gateway-once", "one 502 at the first contact of each trace", _once(0, GATEWAY)),
    Variation("limited-often", "a 429 to every seventh request", _every(7, LIMITED)),
    Variation("slow", "300 ms for each answer", _slowly),
)
