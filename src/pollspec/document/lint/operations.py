"""`pollspec lint` on operations: what can be asked, where links lead, which credentials are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document import expressions
from pollspec.document.form import NO_CONTRACT, Written, operations, unfilled
from pollspec.document.references import objects, resolve, target
from pollspec.document.source import Document, Place, Problem
from pollspec.errors import nearest

HTTP_SCHEMES = ("basic", "bearer", "digest")


def problems(source: Document) -> Iterator[Problem]:
    """There is a contract; each operation has whatever it needs, each link leads somewhere, each scheme is known."""
    if "x-contract" not in source.content:
        yield (), NO_CONTRACT
    for written in operations(source):
        yield from _parameters(source, written)
    yield from unfilled(source)
    yield from _links(source)
    yield from _security(source)


def _parameters(source: Document, written: Written) -> Iterator[Problem]:
    """Path parameters are those of the path; whatever must be sent has an example."""
    wanted = set(re.findall(r"\{([^{}]+)\}", written.path))
    found: set[tuple[str, str, Place]] = set()
    for where, one in written.parameters():
        parameter, at = resolve(source.content, one, where)
        name, kind = parameter["name"], parameter["in"]
        if (name, kind, where[:-1]) in found:
            yield where, f"the parameter {name} stands twice"
        found.add((name, kind, where[:-1]))
        if kind == "path" and name not in wanted:
            yield where, f"the path has no {{{name}}}: {nearest(name, wanted)}"
        if (kind == "path" or parameter.get("required")) and not _has_example(parameter):
            yield at, f"the parameter {name} has no example, so that nothing can be asked"


def _has_example(parameter: Mapping[str, Any]) -> bool:
    inner: Mapping[str, Any] = next(iter(parameter.get("content", {}).values()), {})
    return any(word in node for node in (parameter, inner) for word in ("example", "examples"))


def _links(source: Document) -> Iterator[Problem]:
    """A Link names an operation of the document, and parameters of it, with what they get."""
    known = {written.node["operationId"]: _takes(source, written) for written in operations(source)}
    places = {written.place: written.node["operationId"] for written in operations(source)}
    for place, node in objects({word: source.content.get(word, {}) for word in ("paths", "components")}):
        if place[-2:-1] != ("links",) or "x-contract" in place:
            continue
        name = node.get("operationId")
        if name is None and "operationRef" in node:
            name = _operation(source, places, node["operationRef"])
            if name is None:
                yield (*place, "operationRef"), f"a link to no operation of this document: {node['operationRef']}"
        elif name is not None and name not in known:
            yield (*place, "operationId"), f"a link to the unknown operation {name!r}: {nearest(name, known)}"
        for parameter, value in node.get("parameters", {}).items() if name in known else ():
            there = (*place, "parameters", parameter)
            if parameter not in known[name] and tuple(parameter.split(".", 1))[::-1] not in known[name].items():
                yield there, f"a link with the unknown parameter {parameter!r}: {nearest(parameter, known[name])}"
            if isinstance(value, str) and value.startswith("$") and not expressions.GRAMMAR.fullmatch(value):
                yield there, f"{value!r} is no runtime expression: expected one like $response.body#/id"


def _operation(source: Document, places: Mapping[Place, str], reference: str) -> str | None:
    """The operation that an `operationRef` leads to."""
    try:
        return places.get(target(source.content, reference)[1])
    except ValueError:
        return None


def _takes(source: Document, written: Written) -> dict[str, str]:
    """The names of an operation's parameters, and where each of them is."""
    nodes = [resolve(source.content, one)[0] for _, one in written.parameters()]
    return {node["name"]: node["in"] for node in nodes}


def _security(source: Document) -> Iterator[Problem]:
    """Each requirement names a scheme, and each scheme is one that can be sent."""
    schemes = source.content.get("components", {}).get("securitySchemes", {})
    required: list[tuple[Place, Any]] = [(("security",), source.content.get("security", []))]
    required += [((*written.place, "security"), written.node.get("security", [])) for written in operations(source)]
    for place, alternatives in required:
        for index, alternative in enumerate(alternatives):
            for name in alternative:
                if name not in schemes:
                    yield (*place, index, name), f"unknown security scheme {name!r}: {nearest(name, schemes)}"
    for name, written in schemes.items():
        scheme, place = resolve(source.content, written, ("components", "securitySchemes", name))
        if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() not in HTTP_SCHEMES:
            hint = nearest(str(scheme.get("scheme")), HTTP_SCHEMES)
            yield (*place, "scheme"), f"unknown HTTP scheme {scheme.get('scheme')!r}: {hint}"
