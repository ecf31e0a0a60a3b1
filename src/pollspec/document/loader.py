"""From a document to the view of it: operations, lifecycles, subjects, and the beliefs that it states or implies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pollspec.document import beliefs, consequences, excuses, form, names
from pollspec.document import source as document
from pollspec.document.conditions import Condition
from pollspec.document.lifecycles import Lifecycle, Stage, Start, View
from pollspec.document.operations import Operation, Parameter, Response
from pollspec.document.references import resolve
from pollspec.document.schemas import Schemas
from pollspec.document.shapes import as_node
from pollspec.document.vendor import Subject, Vendor
from pollspec.errors import DocumentError


def load(name_or_path: str) -> Vendor:
    """The view of a known vendor's document, or of one's own by path."""
    return view(document.read(name_or_path))


def view(source: document.Document) -> Vendor:
    """The view of a document that was read; DocumentError says what is wrong with it, and where."""
    _refuse(source, form.problems(source))
    _refuse(source, form.unfilled(source))
    _refuse(source, names.stages(source))
    found = draft(source)
    _refuse(source, names.problems(found))
    found = complete(found)
    _refuse(source, excuses.problems(found))
    return excuses.excused(found)


def complete(vendor: Vendor) -> Vendor:
    """A draft whose names are all there, with what follows from the whole of it."""
    return replace(vendor, beliefs=(*vendor.beliefs, *consequences.of(vendor)))


def _refuse(source: document.Document, problems: Iterable[document.Problem]) -> None:
    for place, text in problems:
        raise DocumentError(f"{source.at(*place)}: {text}", f"pollspec lint {source.typed} lists what is wrong")


def draft(source: document.Document) -> Vendor:
    """The view of a document whose form is good; what it names may not be there."""
    try:
        return _draft(source)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise DocumentError(
            f"{source.path} is not what OpenAPI has: {type(error).__name__} {' '.join(str(error).split())[:200]}",
            f"pollspec lint {source.typed} says where",
        ) from error


def _draft(source: document.Document) -> Vendor:
    content, schemas = source.content, Schemas(source.content)
    operations = {operation.id: operation for operation in _operations(source)}
    for operation in operations.values():
        for response in operation.responses:
            for schema in response.media.values():
                schemas.call(schema, response.id)
    contract = content.get("x-contract", {})
    found = Vendor(
        slug=source.slug,
        document=source,
        operations=operations,
        lifecycles={
            name: _lifecycle(name, node, operations, content.get("components", {}))
            for name, node in contract.get("lifecycles", {}).items()
        },
        subjects={name: _subject(name, node) for name, node in contract.get("subjects", {}).items()},
        credentials=contract.get("credentials", {}),
        beliefs=tuple(
            [belief for operation in operations.values() for belief in beliefs.stated(source, operation)]
            + [belief for operation in operations.values() for belief in beliefs.derived(source, operation, schemas)]
        ),
        schemas=schemas,
    )
    _compile(found)
    return found


def _compile(vendor: Vendor) -> None:
    """Compile what is compiled later, so that an error in it is told now."""
    assert vendor.base_path is not None
    for operation in vendor.operations.values():
        schemas = [parameter.schema for parameter in operation.parameters]
        schemas += [body["schema"] for body in operation.bodies.values()]
        for response in operation.responses:
            schemas += [*response.media.values(), *(node.get("schema", True) for node in response.headers.values())]
        for schema in schemas:
            vendor.schemas.validator(schema)


def _subject(name: str, node: Mapping[str, Any]) -> Subject:
    given, starts_with = node.get("given", {}), node.get("starts-with", {})
    return Subject(name, node["description"], tuple(node["path"]), given, node.get("anywhere", False), starts_with)


def _operations(source: document.Document) -> Iterator[Operation]:
    default_security = source.content.get("security", [])
    for written in form.operations(source):
        security = written.node.get("security", default_security)
        declared = tuple(_parameters(source, written))
        responses = tuple(_responses(source, written.node, written.place))
        yield Operation(
            id=written.node["operationId"],
            method=str(written.place[-1]).upper(),
            path=written.path,
            parameters=(*declared, *_negotiated(declared, responses)),
            bodies=_bodies(source, written.node),
            responses=responses,
            secured=bool(security) and {} not in security,
            node=written.node,
            place=written.place,
        )


def _parameters(source: document.Document, written: form.Written) -> Iterator[Parameter]:
    """The parameters, each once: an operation's own one overrides that of its path. Cookies are no part of a belief."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for place, one in written.parameters():
        node, _ = resolve(source.content, one, place)
        found[node["name"], node["in"]] = node
    for (name, place_of), node in found.items():
        if place_of != "cookie":
            required, example = node.get("required", False), _example(source, node)
            if "content" in node:
                inner: Mapping[str, Any] = next(iter(node["content"].values()), {})
                example = _example(source, inner) if example is None else example
                example = example if isinstance(example, str) or example is None else json.dumps(example)
                yield Parameter(name, place_of, required, as_node(inner.get("schema", True)), example)
            else:
                how = (node.get("style", ""), node.get("explode"))
                yield Parameter(name, place_of, required, as_node(node.get("schema", True)), example, *how)


def _negotiated(declared: Iterable[Parameter], responses: Iterable[Response]) -> Iterator[Parameter]:
    """The Accept header, where a response has several media types: OpenAPI knows it by these (3.1, 4.8.12.2)."""
    media = list(dict.fromkeys(one for r in responses if 200 <= r.code < 300 and len(r.media) > 1 for one in r.media))
    if media and not any(one.name.lower() == "accept" for one in declared):
        yield Parameter("Accept", "header", False, {"type": "string", "enum": media}, None)


def _bodies(source: document.Document, operation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    body, _ = resolve(source.content, operation.get("requestBody", {}))
    return {
        media: {"schema": as_node(inner.get("schema", True)), "example": _example(source, inner, {})}
        for media, inner in body.get("content", {}).items()
    }


def _responses(source: document.Document, operation: Mapping[str, Any], place: document.Place) -> Iterator[Response]:
    documented = [status for status in operation.get("responses", {}) if form.is_status(status)]
    for status in documented:
        node, where = resolve(source.content, operation["responses"][status], (*place, "responses", status))
        content = node.get("content", {})
        yield Response(
            status=status,
            node=node,
            media={media.lower(): as_node(inner.get("schema", True)) for media, inner in content.items()},
            examples={name: value for inner in content.values() for name, value in _examples(source, inner).items()},
            headers={
                name: resolve(source.content, header)[0]
                for name, header in node.get("headers", {}).items()
                if name.lower() != "content-type"  # it is described by the media types (OpenAPI 3.1, 4.8.17)
            },
            place=where,
            code=_code(status, documented),
        )


def _code(status: str, documented: list[str]) -> int:
    """A status code that falls under a documented status and under no other; `default` is a success if no other is."""
    if status.isdecimal():
        return int(status)
    codes: list[int] = []
    if status == "default":
        first = 500 if any(other[0] in "123" for other in documented) else 200
        codes = [*range(first, 600), *range(400, first)]
    else:
        codes = [*range(100 * int(status[0]), 100 * int(status[0]) + 100)]
    taken = set(documented) - {status}
    return next((code for code in codes if not {str(code), f"{code // 100}XX"} & taken), codes[0])


def _examples(source: document.Document, content: Mapping[str, Any]) -> dict[str, Any]:
    """The examples that stand in the document, by name; one that has no name is called `example`."""
    written = {name: resolve(source.content, node)[0] for name, node in content.get("examples", {}).items()}
    found = {name: node["value"] for name, node in written.items() if "value" in node}
    return found | ({"example": content["example"]} if "example" in content else {})


def _example(source: document.Document, content: Mapping[str, Any], otherwise: Any = None) -> Any:
    """The first example, or something else where there is none."""
    return next(iter(_examples(source, content).values()), otherwise)


def _view(operation: Operation | None, name: str, seen: Mapping[str, Any]) -> View:
    instance, reason = (
        node if isinstance(node, list) else [node] for node in (seen["instance"], seen.get("reason", []))
    )
    selects = operation.node.get("x-contract", {}).get("selects", {}) if operation else {}
    projections = tuple(dict.fromkeys(node["parameter"] for node in selects.values()))
    example, plays = seen.get("example", ""), seen.get("plays", {})
    return View(name, tuple(instance), seen["state"], example, plays, projections, tuple(reason))


def _lifecycle(
    name: str, node: Mapping[str, Any], operations: Mapping[str, Operation], components: Mapping[str, Any]
) -> Lifecycle:
    polls, starts = node.get("polls", {}), node.get("starts")
    views = {name: _view(operations.get(name), name, seen) for name, seen in node["seen-by"].items()}
    stages = {
        stage: Stage(stage, inner["kind"], tuple(inner["then"]), inner.get("states", {}), inner.get("plays", {}))
        for stage, inner in node["stages"].items()
    }
    start = Start(starts["operation"], starts["mints"], starts.get("plays", {})) if starts else None
    marks: dict[str, dict[str, Condition]] = {}
    for stage in stages.values():
        for operation, shown in stage.states.items():
            if isinstance(shown, Mapping) and "where" in shown:
                marks.setdefault(operation, {})[stage.name] = Condition(shown["where"], components)
    every, at_most = polls.get("every", 1), polls.get("at-most", 3600)
    moves = frozenset(one.id for one in operations.values() if _moves(one, name))
    return Lifecycle(name, stages, views, start, every, at_most, node.get("renews", False), marks, every, moves)


def _moves(operation: Operation, lifecycle: str) -> bool:
    """Whether an operation moves the instances of a lifecycle."""
    contract = operation.node.get("x-contract", {})
    return any(node["of"] == lifecycle for node in contract.get("moves", {}).values())
