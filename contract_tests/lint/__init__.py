"""What validators of OpenAPI miss, and the grammar of x-contract: each problem with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .. import document
from ..document import Document, Place
from ..errors import DocumentError, nearest
from ..reading import resolve, view
from ..vendor import METHODS
from . import grammar, schemas
from .schemas import Problem, walk

HTTP_SCHEMES = ("basic", "bearer", "digest")
WORDS = ("openapi", "info", "servers", "security", "tags", "paths", "components", "x-contract")
OPERATION = (
    "operationId",
    "tags",
    "summary",
    "description",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "deprecated",
)


def problems(name: str) -> list[str]:
    """The problems of a document, by name or path, as `path:line: what is wrong`."""
    try:
        return examine(document.read(name))
    except DocumentError as error:
        return [str(error.args[0])]


def examine(source: Document) -> list[str]:
    """The problems of a document that was read."""
    found = {(source.line(*place), text): None for place, text in _readable(source)}
    return [f"{source.path}:{line}: {text}" for line, text in sorted(found, key=lambda problem: problem[0])]


def _readable(source: Document) -> Iterator[Problem]:
    """The problems, up to where a document has another form than OpenAPI gives it."""
    try:
        yield from _all(source)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        yield (), f"this has not the form of an OpenAPI document: {type(error).__name__}: {str(error)[:200]}"


def _all(source: Document) -> Iterator[Problem]:
    """Each kind of problem; where one makes the rest unreadable, the rest waits until it is mended."""
    for look in (_texts, _references, _shape, grammar.breaches, grammar.stages):
        broken = list(look(source))
        yield from broken
        if broken:
            return
    looks = (_words, schemas.problems, _parameters, _examples, _links, _security)
    found = [problem for look in looks for problem in look(source)]
    yield from found
    try:
        vendor = view(source)
    except DocumentError as error:
        yield from [] if found else [((), str(error.args[0]))]
    else:
        yield from grammar.names(vendor)


def _texts(source: Document) -> Iterator[Problem]:
    """Nothing that readers of YAML take for different things; every name is a text; so are titles and versions."""
    for place, text in source.surprises:
        yield place, f"{text} is read differently by different readers of YAML: quote it"
    for place, node in walk(source.content):
        for name in node if isinstance(node, dict) else ():
            if not isinstance(name, str):
                yield (*place, str(name)), f"the name {name} is no text: quote it"
    info = source.content.get("info", {})
    for place, node in (("info",), info), (("info", "x-page"), info.get("x-page", {})):
        for word in ("title", "version", "description", "summary", "read", "digest", "versions"):
            if word in node and not isinstance(node[word], str):
                yield (*place, word), f"{word} is no text: quote it"


def _references(source: Document) -> Iterator[Problem]:
    """Each $ref leads somewhere in the document."""
    for place, node in walk(source.content):
        if isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            there: Any = source.content
            for token in reference.removeprefix("#/").split("/"):
                there = there.get(token.replace("~1", "/").replace("~0", "~")) if isinstance(there, dict) else None
            if there is None or not reference.startswith("#/"):
                yield (*place, "$ref"), f"$ref leads nowhere: {reference}"


def operations(source: Document) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Each operation of a document, with its place."""
    for path, item in source.content["paths"].items():
        for method in METHODS:
            if method in item:
                yield ("paths", path, method), item[method]


def _shape(source: Document) -> Iterator[Problem]:
    """What everything else relies on: paths, and of each operation its id and its responses."""
    if not isinstance(source.content.get("paths"), dict):
        yield (), "paths are missing"
        return
    seen: set[str] = set()
    for place, operation in operations(source):
        for word in ("operationId", "responses"):
            if word not in operation:
                yield place, f"{word} is missing"
        if (name := operation.get("operationId", "")) in seen:
            yield (*place, "operationId"), f"the operationId {name} stands twice"
        seen.add(name)


def _words(source: Document) -> Iterator[Problem]:
    """No misspelt keyword; a fixed order at the top; an operationId is a verb and a noun; a status is a code."""
    for word in source.content:
        if word not in WORDS:
            yield (word,), f"unknown word {word!r}: {nearest(word, WORDS)}"
    order = [word for word in source.content if word in WORDS]
    if order != sorted(order, key=WORDS.index):
        yield (), f"the order of the top-level words is {', '.join(WORDS)}"
    for place, operation in operations(source):
        for word in operation:
            if word not in OPERATION and not word.startswith("x-"):
                yield (*place, word), f"unknown word {word!r}: {nearest(word, OPERATION)}"
        if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", operation["operationId"]):
            yield (*place, "operationId"), "an operationId is a verb and a noun, as getJob"
        for status in operation["responses"]:
            if not re.fullmatch(r"[1-5](?:[0-9]{2}|XX)|default", status):
                yield (*place, "responses", status), f"{status!r} is no status code"


def _parameters(source: Document) -> Iterator[Problem]:
    """Path parameters are those of the path, and required; an example satisfies its schema."""
    for place, operation in operations(source):
        item = source.content["paths"][place[1]]
        above, own = (*place[:2], "parameters"), (*place, "parameters")
        listed = [((*above, index), node) for index, node in enumerate(item.get("parameters", []))]
        listed += [((*own, index), node) for index, node in enumerate(operation.get("parameters", []))]
        wanted = set(re.findall(r"\{([^{}]+)\}", str(place[1])))
        found = set()
        for where, written in listed:
            parameter, at = resolve(source, written, where)
            name, kind = parameter.get("name"), parameter.get("in")
            if (name, kind) in found:
                yield where, f"the parameter {name} stands twice"
            found.add((name, kind))
            if kind == "path" and name not in wanted:
                yield where, f"the path has no {{{name}}}: {nearest(str(name), wanted)}"
            if kind == "path" and not parameter.get("required"):
                yield at, f"the path parameter {name} must be required"
            if "schema" not in parameter:
                yield at, f"the parameter {name} has no schema"
            elif "example" in parameter:
                yield from schemas.breaches(source, parameter["schema"], parameter["example"], (*at, "example"))
            elif kind == "path" or parameter.get("required"):
                yield at, f"the parameter {name} has no example, so that nothing can be asked"
        for name in sorted(wanted - {name for name, kind in found if kind == "path"}):
            yield place, f"the path's {{{name}}} is no parameter"


def _examples(source: Document) -> Iterator[Problem]:
    """Each example of a body satisfies its schema; no example stands unused."""
    for place, node in walk(source.content):
        if place[-2:-1] == ("content",) and isinstance(node, dict) and "x-contract" not in place:
            if "schema" not in node:
                yield place, f"{place[-1]} has no schema"
                continue
            for name, written in node.get("examples", {}).items():
                example, at = resolve(source, written, (*place, "examples", name))
                yield from schemas.breaches(source, node["schema"], example.get("value"), at)
            if "requestBody" in place and not node.get("examples"):
                yield place, "the request body has no example, so that nothing can be sent"
    references = {node.get("$ref") for _, node in walk(source.content) if isinstance(node, dict)}
    for name in source.content.get("components", {}).get("examples", {}):
        if f"#/components/examples/{name}" not in references:
            yield ("components", "examples", name), f"example {name} is not used"


def _links(source: Document) -> Iterator[Problem]:
    """A Link names an operation of the document, and parameters of it."""
    known = {
        operation["operationId"]: [resolve(source, p, place)[0]["name"] for p in operation.get("parameters", [])]
        for place, operation in operations(source)
    }
    for place, node in walk(source.content):
        if place[-2:-1] != ("links",) or not isinstance(node, dict) or "operationId" not in node:
            continue
        if (name := node["operationId"]) not in known:
            yield (*place, "operationId"), f"a link to the unknown operation {name!r}: {nearest(name, known)}"
            continue
        for parameter in node.get("parameters", {}):
            if parameter.removeprefix("path.").removeprefix("query.") not in known[name]:
                text = f"a link with the unknown parameter {parameter!r}: {nearest(parameter, known[name])}"
                yield (*place, "parameters", parameter), text


def _security(source: Document) -> Iterator[Problem]:
    """Each requirement names a scheme, and each scheme is one that can be sent."""
    schemes = source.content.get("components", {}).get("securitySchemes", {})
    required: list[tuple[Place, Any]] = [(("security",), source.content.get("security", []))]
    required += [((*place, "security"), operation.get("security", [])) for place, operation in operations(source)]
    for place, alternatives in required:
        for index, alternative in enumerate(alternatives):
            for name in alternative:
                if name not in schemes:
                    yield (*place, index, name), f"unknown security scheme {name!r}: {nearest(name, schemes)}"
    for name, scheme in schemes.items():
        place = "components", "securitySchemes", name
        if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() not in HTTP_SCHEMES:
            hint = nearest(str(scheme.get("scheme")), HTTP_SCHEMES)
            yield (*place, "scheme"), f"unknown HTTP scheme {scheme.get('scheme')!r}: {hint}"
