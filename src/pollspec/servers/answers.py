"""What the answers of a polite server are made of: a documented response, overlaid with what is played."""

from __future__ import annotations

import copy
import datetime
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from pollspec.document import expressions, pointers, projections
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.operations import Operation, Response
from pollspec.document.vendor import Vendor

SERVER = "pollspec"
"""The product in the `Server` header, by which `pollspec test` knows that test cards are accepted.

In the comment behind it: the document's name, and the seconds that everything takes.
"""

NUMBER = re.compile("-?[0-9]{1,18}")


class Answers:
    """Answers of one server. `pace`: how fast everything goes there, as its `Server` header says it."""

    def __init__(self, vendor: Vendor, clock: Callable[[], float], pace: str) -> None:
        self.vendor, self.clock = vendor, clock
        self.begun = clock()
        self.product = f"{SERVER} ({vendor.slug}{pace})"

    def render(
        self, operation: Operation, response: Response | None, plays: Mapping[str, Any], request: Request, share: float
    ) -> Answer:
        """A response's example, overlaid with what is played: literals, ramps, runtime expressions."""
        status = plays.get("status", response.code if response else 200)
        response = operation.response(status) or response
        media = next(iter(response.media), "application/json") if response else "application/json"
        if (
            response
            and (accepted := dict(request.headers).get("accept", "").split(",")[0].strip().lower()) in response.media
        ):
            media = accepted
        examples = response.examples if response else {}
        body = copy.deepcopy(
            plays.get("body", examples.get(plays.get("example", ""), next(iter(examples.values()), MISSING)))
        )
        for pointer, value in plays.items():
            if pointer.startswith("/"):
                new = self._value(value, request, body, share)
                if isinstance(new, str) and isinstance(pointers.get(body, pointer), int) and NUMBER.fullmatch(new):
                    new = int(new)
                pointers.put(body, pointer, new)
        extra = {name: self._value(value, request, body, share) for name, value in plays.get("header", {}).items()}
        if request.query and (tree := self._projection(operation, request)) and status < 300:
            body = projections.project(body, tree)
        return self.plain(status, body, media, extra)

    def _projection(self, operation: Operation, request: Request) -> projections.Projection | None:
        for parameter in self.vendor.projections(operation.id):
            text = expressions.value(parameter, request)
            try:
                return projections.parse(text) if isinstance(text, str) else None
            except ValueError:
                return None
        return None

    def _value(self, value: Any, request: Request, body: Any, share: float) -> Any:
        if isinstance(value, Mapping) and set(value) == {"ramp"}:
            low, high = value["ramp"]
            return int(low + (high - low) * share)
        if isinstance(value, Mapping) and set(value) == {"later"}:
            passed = datetime.timedelta(seconds=self.clock() - self.begun)
            return (datetime.datetime.fromisoformat(value["later"]) + passed).isoformat(timespec="milliseconds")
        if isinstance(value, Mapping) and set(value) == {"absent"}:
            return MISSING
        if not expressions.is_expression(value):
            return value
        answer = Answer(200, (), b"" if body is MISSING else json.dumps(body).encode())
        return expressions.value(value, request, answer)

    def plain(
        self, status: int, body: Any, media: str = "application/json", headers: Mapping[str, Any] | None = None
    ) -> Answer:
        """An answer as it goes out: with the headers that every answer has."""
        content = b"" if body is MISSING else json.dumps(body).encode()
        played = [(name, str(value)) for name, value in (headers or {}).items() if value is not MISSING]
        listed = [("server", self.product), *played]
        if body is not MISSING:
            listed.append(("content-type", media))
        return Answer(
            status, tuple((name, urllib.parse.quote(value, safe="/:?&=;,.+-_~ ()")) for name, value in listed), content
        )
