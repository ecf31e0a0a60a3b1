"""One answer that is played: what is fixed in it is made once, what moves is put in each time."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from pollspec.document import expressions, pointers, projections
from pollspec.document.messages import MISSING, Answer, Headers, Request
from pollspec.document.operations import Operation, Response

encode, decode = msgspec.json.encode, msgspec.json.decode
NUMBER = re.compile("-?[0-9]{1,18}")

Moving = Callable[[Request, Any, float], Any]
"""What a played value is for a request, in a body, at a share of its stage."""


class Played:
    """A documented response with what is played over its example. `selects`: the parameters that project it.

    `leads_to`: what is played to whoever follows its link.
    """

    def __init__(
        self,
        operation: Operation,
        response: Response | None,
        plays: Mapping[str, Any],
        selects: Sequence[str],
        moving: Callable[[Any], Moving],
        headers: Callable[[str, Mapping[str, Any]], Headers],
    ) -> None:
        self.status: int = plays.get("status", response.code if response else 200)
        documented = operation.response(self.status)
        response = documented or response
        bare = response is None or not response.media or ("body" in plays and documented is None)
        self.media = ("application/json",) if response is None or bare else response.sent
        self.selects = [expressions.getter(text) for text in selects] if self.status < 300 else []
        self.headers = functools.cache(lambda media: headers(media, {}))
        self.header = {name: moving(value) for name, value in plays.get("header", {}).items()}
        self.headers_with = headers
        examples = response.examples if response else {}
        shown = examples.get(plays.get("example", ""), next(iter(examples.values()), MISSING))
        body = copy.deepcopy(plays.get("body", shown))
        laid = _laid_over(body, {name: new for name, new in plays.items() if name.startswith("/")})
        self.moving = [(pointer, moving(value)) for pointer, value in laid]
        self.text = b"" if body is MISSING else encode(body)
        beyond = {"body": {}, **plays["leads-to"]} if "leads-to" in plays else None
        self.leads_to = Played(operation, None, beyond, (), moving, headers) if beyond else None

    def answer(self, request: Request, share: float) -> Answer:
        """The answer to a request, at a share of the stage."""
        content, body = self.text, MISSING
        tree = _projection(self.selects, request) if self.selects and "?" in request.target else None
        if content and (self.moving or tree or self.header):
            body = decode(content)
            for pointer, value in self.moving:
                _put(body, pointer, value(request, body, share))
            if self.moving or tree:
                content = encode(projections.project(body, tree) if tree else body)
        return Answer(self.status, self._headers(request, body, share), content)

    def _headers(self, request: Request, body: Any, share: float) -> Headers:
        media = self._media(request) if self.text else ""
        if not self.header:
            return self.headers(media)
        played = {name: value(request, body, share) for name, value in self.header.items()}
        return self.headers_with(media, played)

    def _media(self, request: Request) -> str:
        """The media type of the answer: what is asked for first, where the document has it."""
        if len(self.media) == 1:
            return self.media[0]
        accept = next((value for name, value in request.headers if name.lower() == "accept"), "")
        wanted = accept.split(",")[0].strip().lower()
        return wanted if wanted in self.media else self.media[0]


def _laid_over(body: Any, plays: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Put into a body what is fixed, and give what moves; where one lies within another, all of it, in order."""
    if any(one != other and one.startswith(f"{other}/") for one in plays for other in plays):
        return list(plays.items())
    for pointer, value in plays.items():
        if _is_fixed(value):
            _put(body, pointer, MISSING if isinstance(value, Mapping) else value)
    return [(pointer, value) for pointer, value in plays.items() if not _is_fixed(value)]


def _is_fixed(value: Any) -> bool:
    """Whether a value is the same for every request, at any moment."""
    if isinstance(value, Mapping):
        return set(value) == {"absent"}
    return not expressions.is_expression(value)


def _put(body: Any, pointer: str, new: Any) -> None:
    """Set a value; a text of digits stands for a number where the example has one."""
    if isinstance(new, str) and NUMBER.fullmatch(new) and isinstance(pointers.get(body, pointer), int):
        new = int(new)
    places = [place for place, _ in pointers.find(body, pointer)] if "/*" in pointer else [pointer]
    for place in places:
        pointers.put(body, place, new)


def _projection(selects: Sequence[expressions.Getter], request: Request) -> projections.Projection | None:
    for get in selects:
        text = get(request, None)
        return _parsed(text) if isinstance(text, str) else None
    return None


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> projections.Projection | None:
    """A projection; None for a text that is none."""
    try:
        return projections.parse(text)
    except ValueError:
        return None
