"""What a document states in OpenAPI's own words: statuses, media types, headers, schemas."""

from __future__ import annotations

import functools
import importlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

from .. import generated
from ..grammar import pointers
from ..grammar.conditions import same, short, show, validator
from ..grammar.schemas import component
from ..messages import MISSING, Answer, Request
from ..messages import header as header_of
from ..trace import Evidence, Exchange
from ..vendor import Belief, Response, Vendor
from ..verdict import Finding


def status(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """`success`: a 2xx is a documented one. `no-crash`: a 500 is a documented one. Nothing else is asserted."""
    operation = evidence.vendor.operations[belief.operation]
    documented = [response.status for response in operation.responses]
    for exchange in evidence.of(belief.operation):
        if exchange.answer is None:
            continue
        code, known = exchange.answer.status, operation.response(exchange.answer.status)
        if belief.name == "success" and 200 <= code < 300:
            yield (
                None if known else Finding(f"one of {', '.join(s for s in documented if s < '4')}", str(code), exchange)
            )
        elif belief.name == "no-crash":
            crashed = code == 500 and not (known and _is_as_printed(evidence.vendor, known, exchange))
            yield Finding("no 500, or a documented one", "500", exchange) if crashed else None


def _is_as_printed(vendor: Vendor, found: Response, exchange: Exchange) -> bool:
    """Whether a failure has the body that the document gives it, and so is an answer and no crash."""
    assert exchange.answer is not None
    return isinstance(exchange.answer.reading.value, dict) and not errors(vendor, found, exchange)


def documented(vendor: Vendor, exchange: Exchange) -> Response | None:
    """The documented response that an exchange met, if it is the vendor's own answer.

    A refusal that is neither a JSON object nor says so (a gateway's page) is nobody's business here.
    """
    if exchange.answer is None:
        return None
    found = vendor.operations[exchange.operation].response(exchange.answer.status)
    if found is None or not found.media:
        return None
    own = isinstance(exchange.answer.reading.value, dict) or exchange.answer.media_type in found.media
    if exchange.answer.status >= 400 and (not own or vendor.is_strange(exchange.request)):
        return None
    return found


def response(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """The body is one JSON text in a documented media type; `unambiguous`: no name stands twice in it."""
    for exchange in evidence.of(belief.operation):
        found = documented(evidence.vendor, exchange)
        if found is None or exchange.answer is None or belief.name not in {"unambiguous", found.id}:
            continue
        reading = exchange.answer.reading
        if belief.name == "unambiguous":
            if not reading.unreadable:
                yield Finding("one reading", reading.ambiguous, exchange) if reading.ambiguous else None
        elif exchange.answer.media_type not in found.media:
            yield Finding(" or ".join(found.media), exchange.answer.media_type or "no content type", exchange)
        elif reading.unreadable:
            yield Finding("a JSON body", reading.unreadable, exchange)
        else:
            yield _root(evidence.vendor, found, exchange)


def _root(vendor: Vendor, found: Response, exchange: Exchange) -> Finding | None:
    """A body of the wrong type as a whole breaks the response; anything deeper is its property's business."""
    for error in errors(vendor, found, exchange):
        if not error[0] and error[1] is None:
            return Finding(error[2], error[3], exchange)
    return None


def header(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """A documented header is there if it is required, and satisfies its schema."""
    wanted, _, name = belief.name.partition(".")
    for exchange in evidence.of(belief.operation):
        if exchange.answer is None:
            continue
        found = evidence.vendor.operations[belief.operation].response(exchange.answer.status)
        if found is None or found.id != wanted:
            continue
        node, value = found.headers[name], header_of(exchange.answer.headers, name)
        if value is MISSING or value == "":
            if node.get("required"):
                yield Finding(f"a {name} header", "none", exchange)
        elif not validator(node.get("schema", True), evidence.vendor.components).is_valid(value):
            yield Finding(f"{name}: {show(node['schema'])}", show(value), exchange)
        else:
            yield None


def schema(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """A property is there if it is required, and what it holds satisfies its schema."""
    vendor = evidence.vendor
    for exchange in evidence.of(belief.operation):
        found = documented(vendor, exchange)
        if found is None or exchange.answer is None or exchange.answer.reading.unreadable:
            continue
        broken = [error for error in errors(vendor, found, exchange) if error[1] == belief.name]
        if broken:
            place, _, expected, actual = broken[0]
            yield Finding(expected, f"{actual} at {place}", exchange)
        elif belief.name in present(vendor, found, exchange):
            yield None


@functools.lru_cache(maxsize=4096)
def present(vendor: Vendor, found: Response, exchange: Exchange) -> frozenset[str]:
    """The ids of the documented properties that an answer holds."""
    assert exchange.answer is not None
    typed = vendor.schemas.typed(found.schema, exchange.answer.reading.value)
    return frozenset(prop.id for prop, _, _ in typed)


@functools.lru_cache(maxsize=256)
def _compiled(vendor: Vendor, found: Response) -> Any:
    return validator(found.schema, vendor.components)


MANY = 1000


@functools.lru_cache(maxsize=4096)
def errors(vendor: Vendor, found: Response, exchange: Exchange) -> list[tuple[str, str | None, str, str]]:
    """The first schema error of each property (None: the body) of an answer: where, which, expected, actual.

    The place "" is the whole body. Of very many errors only the first are looked at.
    """
    assert exchange.answer is not None
    value, listed = exchange.answer.reading.value, {}
    for error in itertools.islice(_compiled(vendor, found).iter_errors(value), MANY):
        path = list(error.instance_path)
        kind = error.kind.name
        if kind == "required":
            if vendor.projects(exchange.request):
                continue
            path.append(error.kind.property)
        owner = vendor.schemas.at(found.schema, path)
        whose = owner.id if owner else None
        if whose not in listed or (whose is None and not path):
            actual = "nothing" if kind == "required" else show(_inside(value, path))
            listed[whose] = ("".join(f"/{token}" for token in path), whose, _expected(error, owner), actual)
    return list(listed.values())


def _expected(error: Any, owner: Any) -> str:
    if error.kind.name == "required":
        return f"{error.kind.property} (required)"
    if error.kind.name == "anyOf" and owner is not None:
        return " or ".join(show(branch) for branch in owner.node.get("anyOf", []))
    return short(str(error.message), 200)


def _inside(value: Any, path: list[str | int]) -> Any:
    for token in path:
        value = pointers.step(value, str(token))
    return value


def sample(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """A sample satisfies its schema and, where there is one, its generated model, and comes back from it equal."""
    vendor = evidence.vendor
    operation = vendor.operations[belief.operation]
    owner, _, name = belief.name.partition(".")
    response = next(response for response in operation.responses if response.id == owner)
    value = response.examples[name]
    status = int(response.status)
    headers = (("content-type", next(iter(response.media))),)
    at = Exchange(
        Request(operation.id, operation.method, operation.path),
        Answer(status, headers, json.dumps(value).encode()),
        0,
        0,
    )
    found = errors(vendor, response, at)
    if found:
        place, _, expected, actual = found[0]
        yield Finding(expected, f"{actual} at {place or 'the top'}", at)
    elif difference := _unlike_its_model(vendor, response, value):
        yield Finding("the same through the model", difference, at)
    else:
        yield None


def _unlike_its_model(vendor: Vendor, found: Response, value: Any) -> str:
    """How a value differs after a strict parse and a serialisation by its generated model; "" if it does not."""
    try:
        models = importlib.import_module(f"{generated.__name__}.{vendor.slug}")
    except ModuleNotFoundError:
        return ""
    name = component(found.schema["$ref"])
    try:
        model = getattr(models, name).model_validate_json(json.dumps(value), strict=True)
    except ValueError as error:
        return str(error)[:300]
    back = json.loads(model.model_dump_json(by_alias=True, exclude_unset=True))
    return "" if _alike(value, back) else f"{show(value)} became {show(back)}"


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return same(one, other)
