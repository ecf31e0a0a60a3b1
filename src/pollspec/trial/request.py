"""Requests made from a document: what is not given comes from its examples."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import MISSING, Request
from pollspec.document.operations import NO_PARAMETERS, Operation, Parameter, written
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.trial.target import LEFT_OUT


def build(vendor: Vendor, operation: Operation, values: Mapping[str, Any], body: Any = None) -> Request:
    """A request of an operation. `values`: runtime expression -> value; null leaves the thing out.

    What is not given comes from the document: required parameters and the body from their examples.
    """
    known = {parameter.expression: parameter for parameter in operation.parameters}
    path = {p.name: _text(p, p.example) for p in operation.parameters if p.place == "path"}
    query = {p.name: p.carried(p.example) for p in operation.parameters if p.place == "query" and p.required}
    headers = _headers(vendor, operation)
    content = json.loads(json.dumps(operation.body if body is None else body)) if operation.bodies else MISSING
    if operation.bodies:
        headers["Content-Type"] = next(iter(operation.bodies))
    for text, value in values.items():
        expression = expressions.parse(text)
        match expression.place:
            case "path":
                path[expression.name] = _text(known.get(text), value)
            case "query":
                query.pop(expression.name, None)
                carried = known[text].carried(value) if text in known else [(expression.name, written(value))]
                query |= {} if value is None else {expression.name: carried}
            case "header":
                headers[expression.name] = LEFT_OUT if value is None else _text(known.get(text), value)
            case _:
                pointers.put(content, expression.name, MISSING if value is None else value)
    return _request(operation, path, [pair for pairs in query.values() for pair in pairs], headers, content)


def _headers(vendor: Vendor, operation: Operation) -> dict[str, Any]:
    """What is sent whatever is asked: what is accepted, and what must be there and says nothing of who asks."""
    successes = [response for response in operation.responses if response.is_success]
    media = next((media for response in successes for media in response.media), "application/json")
    signed = {text.lower() for text in vendor.signing.places}
    needed = [p for p in operation.parameters if p.place == "header" and p.required and p.example is not None]
    needed = [p for p in needed if p.expression.lower() not in signed and p.name.lower() not in NO_PARAMETERS]
    return {"Accept": media, "Accept-Encoding": "gzip"} | {p.name: _text(p, p.example) for p in needed}


def _text(parameter: Parameter | None, value: Any) -> str:
    """A value as a path or a header has it."""
    return ",".join(text for _, text in parameter.carried(value)) if parameter else written(value)


def _request(
    operation: Operation,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    content: Any,
) -> Request:
    """A request from its parts, encoded."""
    target = operation.path
    for name, value in path.items():
        target = target.replace(f"{{{name}}}", urllib.parse.quote(value, safe=""))
    if query:
        target += "?" + urllib.parse.urlencode(query)
    raw = b"" if content is MISSING else json.dumps(content).encode()
    return Request(operation.id, operation.method, target, dict(path), tuple(headers.items()), raw)


def minted(lifecycle: Lifecycle, exchange: Exchange) -> dict[str, str | int] | None:
    """What a start has begun, by where it is asked for; None where it failed, or gave no identifier."""
    begun = lifecycle.begun(exchange.request, exchange.answer)
    given = {text: value for text, value in begun.items() if expressions.parse(text).side == "request"}
    return given if exchange.succeeded and all(isinstance(value, str | int) for value in given.values()) else None


def is_complete(operation: Operation, sends: Iterable[str]) -> bool:
    """Whether what is sent holds every identifier that an operation needs, so that no subject is wanted."""
    return operation.required <= set(sends)
