"""From a document to the view of it: operations, lifecycles, the beliefs it states and those OpenAPI's words imply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet

from . import document
from .errors import DocumentError, nearest
from .grammar.conditions import Condition
from .grammar.lifecycles import Lifecycle, Stage, Start, View
from .grammar.schemas import Schemas
from .vendor import GRADES, METHODS, Belief, Operation, Parameter, Response, Subject, Vendor


def load(name_or_path: str) -> Vendor:
    """The view of a known vendor's document, or of one's own by path."""
    return view(document.read(name_or_path))


def view(source: document.Document) -> Vendor:
    """The view of a document that was read."""
    try:
        return _view(source)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DocumentError(
            f"{source.path} breaks the grammar: {type(error).__name__} {error}",
            f"pollspec lint {source.path} says where",
        ) from error


def _view(source: document.Document) -> Vendor:
    content = source.content
    schemas = Schemas(content.get("components", {}).get("schemas", {}))
    operations = {operation.id: operation for operation in _operations(source)}
    contract = content.get("x-contract", {})
    return Vendor(
        slug=source.slug,
        document=source,
        operations=operations,
        lifecycles={
            name: _lifecycle(name, node, operations, content.get("components", {}))
            for name, node in contract.get("lifecycles", {}).items()
        },
        subjects={
            name: Subject(
                name,
                node.get("description", ""),
                tuple(node["path"]),
                node.get("given", {}),
                node.get("anywhere", False),
                node.get("starts-with", {}),
            )
            for name, node in contract.get("subjects", {}).items()
        },
        credentials=contract.get("credentials", {}),
        beliefs=tuple(
            [belief for operation in operations.values() for belief in _stated(source, operation)]
            + [belief for operation in operations.values() for belief in _derived(source, operation, schemas)]
        ),
        schemas=schemas,
    )


def resolve(
    source: document.Document, node: Mapping[str, Any], place: document.Place
) -> tuple[Mapping[str, Any], document.Place]:
    """What a Reference Object leads to, and where that stands; the node itself if it is none."""
    while "$ref" in node:
        place = tuple(node["$ref"].removeprefix("#/").split("/"))
        node = source.content
        for token in place:
            node = node[str(token)]
    return node, place


def _operations(source: document.Document) -> Iterator[Operation]:
    default_security = source.content.get("security", [])
    for path, item in source.content["paths"].items():
        for method in METHODS:
            if method in item:
                node, place = item[method], ("paths", path, method)
                parameters = [
                    resolve(source, p, place)[0] for p in [*item.get("parameters", []), *node.get("parameters", [])]
                ]
                yield Operation(
                    id=node["operationId"],
                    method=method.upper(),
                    path=path,
                    parameters=tuple(
                        Parameter(p["name"], p["in"], p.get("required", False), p["schema"], p.get("example"))
                        for p in parameters
                    ),
                    bodies={
                        media: {
                            "schema": content["schema"],
                            "example": next(iter(_examples(source, content).values()), {}),
                        }
                        for media, content in node.get("requestBody", {}).get("content", {}).items()
                    },
                    responses=tuple(_responses(source, node, place)),
                    secured=bool(security := node.get("security", default_security)) and {} not in security,
                    node=node,
                    place=place,
                )


def _responses(source: document.Document, operation: Mapping[str, Any], place: document.Place) -> Iterator[Response]:
    for status, written in operation["responses"].items():
        node, where = resolve(source, written, (*place, "responses", status))
        content = node.get("content", {})
        yield Response(
            status=status,
            node=node,
            media={media.lower(): inner["schema"] for media, inner in content.items()},
            examples={name: value for inner in content.values() for name, value in _examples(source, inner).items()},
            headers={name: resolve(source, inner, where)[0] for name, inner in node.get("headers", {}).items()},
            place=where,
        )


def _examples(source: document.Document, content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: resolve(source, node, ())[0]["value"] for name, node in content.get("examples", {}).items()}


def _view_of(operation: Operation | None, name: str, seen: Mapping[str, Any]) -> View:
    instance = seen["instance"] if isinstance(seen["instance"], list) else [seen["instance"]]
    selects = operation.node.get("x-contract", {}).get("selects", {}) if operation else {}
    projections = tuple({node["parameter"] for node in selects.values()})
    return View(name, tuple(instance), seen["state"], seen.get("example", ""), seen.get("plays", {}), projections)


def _lifecycle(
    name: str, node: Mapping[str, Any], operations: Mapping[str, Operation], components: Mapping[str, Any]
) -> Lifecycle:
    polls, starts = node.get("polls", {}), node.get("starts")
    views = {name: _view_of(operations.get(name), name, seen) for name, seen in node["seen-by"].items()}
    stages = {
        stage: Stage(stage, inner["kind"], tuple(inner["then"]), inner.get("states", {}), inner.get("plays", {}))
        for stage, inner in node["stages"].items()
    }
    for stage in stages.values():
        for then in stage.then:
            if then not in stages:
                raise DocumentError(
                    f"stage {stage.name!r} is followed by {then!r}, which is no stage", nearest(then, stages)
                )
    start = Start(starts["operation"], starts["mints"], starts.get("plays", {})) if starts else None
    marks: dict[str, dict[str, Condition]] = {}
    for stage in stages.values():
        for operation, shown in stage.states.items():
            if isinstance(shown, Mapping) and "where" in shown:
                marks.setdefault(operation, {})[stage.name] = Condition(shown["where"], components)
    every, at_most = polls.get("every", 1), polls.get("at-most", 3600)
    return Lifecycle(name, stages, views, start, every, at_most, node.get("renews", False), marks)


def foundation(node: Mapping[str, Any]) -> tuple[str, str] | None:
    """What an entry rests on (grade, words), by `source`, `x-source` and their like; None if it says nothing."""
    for grade in GRADES:
        for key in (grade, f"x-{grade}"):
            if key in node:
                words = node[key]
                return grade, " ... ".join(words) if isinstance(words, list) else str(words)
    return None


def _stated(source: document.Document, operation: Operation) -> Iterator[Belief]:
    for keyword, named in operation.node.get("x-contract", {}).items():
        for name, node in named.items():
            place = (*operation.place, "x-contract", keyword, name)
            where = f"{source.path}:{source.line(*place)}"
            rests = foundation(node)
            if rests is None or "claim" not in node:
                raise DocumentError(
                    f"{where}: {name!r} needs a claim and one of {', '.join(GRADES)}", "see spec/README.md"
                )
            says = {key: value for key, value in node.items() if key not in {"claim", *GRADES}}
            for other in says.get("or", []):
                SpecifierSet(other["versions"])
            yield Belief(source.slug, operation.id, keyword, name, node["claim"], *rests, where, says)


def _derived(source: document.Document, operation: Operation, schemas: Schemas) -> Iterator[Belief]:
    """The beliefs that a document states in OpenAPI's own words: statuses, media types, headers and schemas."""

    def belief(keyword: str, name: str, claim: str, rests: tuple[str, str], *place: str | int) -> Belief:
        return Belief(
            source.slug, operation.id, keyword, name, claim, *rests, f"{source.path}:{source.line(*place)}", {}
        )

    successes = [response for response in operation.responses if response.status < "4"]
    coded = [rests for r in successes if (rests := foundation(r.node)) and r.status in rests[1]]
    unsaid = ("implied", "the page prints no other success")
    yield belief(
        "status", "success", "A success has a documented status.", coded[0] if coded else unsaid, *operation.place
    )
    crash = ("implied", "500 says that the server failed, and the page documents no such answer")
    yield belief("status", "no-crash", "Only a documented failure answers 500.", crash, *operation.place)
    seen: set[str] = set()
    for response in operation.responses:
        rests = foundation(response.node) or ("implied", "the page prints this answer")
        if response.media:
            kinds = " or ".join(response.media)
            if response.id not in seen:
                seen.add(response.id)
                claim = f"{response.id} has a readable body in {kinds}."
                yield belief("response", response.id, claim, rests, *response.place)
        for name, header in response.headers.items():
            words = foundation(header) or rests
            yield belief(
                "header", f"{response.id}.{name}", f"{response.id} has a {name} header.", words, *response.place
            )
        for example in response.examples:
            name = f"{response.id}.{example}"
            if f"sample {name}" not in seen:
                seen.add(f"sample {name}")
                yield belief(
                    "sample",
                    name,
                    f"The sample {name} satisfies its schema, its model and every belief.",
                    rests,
                    *response.place,
                )
        if response.media:
            _, root = schemas.resolve(response.schema)
            for found in schemas.reach(response.schema):
                if found.id not in seen:
                    seen.add(found.id)
                    _, inner = schemas.resolve(found.node)
                    words = (
                        foundation(found.node)
                        or foundation(found.owner_node)
                        or foundation(inner)
                        or foundation(root)
                        or rests
                    )
                    claim = (
                        f"{found.id}: {found.node.get('description') or inner.get('description') or 'as documented.'}"
                    )
                    place = ("components", "schemas", *(found.owner.split(".")[0],), "properties", found.name)
                    yield belief("schema", found.id, claim, words, *place)
    doubt = (
        "implied",
        "RFC 8259: names that stand twice, or a byte order mark, are read differently by different readers",
    )
    yield belief("response", "unambiguous", "A JSON body is read alike by every reader.", doubt, *operation.place)
