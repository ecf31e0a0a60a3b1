"""Other answers in place of a true one: another body, another header, another value at some place of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.messages import MISSING, Answer
from pollspec.document.operations import Response, written
from pollspec.servers.faults.fault import Scene


def with_body(answer: Answer, body: Any) -> Answer:
    """An answer with another JSON body."""
    kept = tuple((n, v) for n, v in answer.headers if n.lower() not in {"content-length", "content-encoding"})
    if not any(name.lower() == "content-type" for name, _ in kept):
        kept = (*kept, ("content-type", "application/json"))
    return Answer(answer.status, kept, json.dumps(body).encode())


def edited(answer: Answer, edits: Mapping[str, Any]) -> Answer:
    """An answer with other values at some JSON pointers; MISSING takes a member away."""
    body = copy.deepcopy(answer.reading.value)
    body = {} if not isinstance(body, dict | list) else body
    for pointer, value in edits.items():
        if pointer:
            pointers.put(body, pointer, value)
        else:
            body = value
    return with_body(answer, body)


def with_header(answer: Answer, name: str, value: str | None) -> Answer:
    """An answer with another header; None takes it away."""
    kept = tuple((n, v) for n, v in answer.headers if n.lower() != name.lower())
    return replace(answer, headers=kept if value is None else (*kept, (name, value)))


def put(scene: Scene, text: str, value: Any) -> Answer:
    """The true answer with another value at an expression."""
    expression = expressions.parse(text)
    if expression.place == "header":
        return with_header(scene.answer, expression.name, None if value is MISSING else str(value))
    return edited(scene.answer, {expression.name: value})


def printed(response: Response, status: int) -> Answer | None:
    """A response as the document has it, its headers too; None where it shows no body."""
    if not response.examples:
        return None
    headers = [(name, written(node["example"])) for name, node in response.headers.items() if "example" in node]
    kept = (*headers, ("content-type", next(iter(response.sent))))
    return with_body(Answer(status, kept), next(iter(response.examples.values())))


def refusal(status: int) -> Answer:
    """A refusal of some status that says no more than that."""
    return Answer(status, (("content-type", "application/json"),), b'{"error": {"message": "refused"}}')
