"""How a function asks an operation: what it takes, and what it makes of that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pollspec.document.operations import NO_PARAMETERS, Operation, Parameter
from pollspec.document.pollers.words import camel, literal, snake, wrapped
from pollspec.document.references import resolve
from pollspec.document.schemas import component
from pollspec.document.shapes import Node
from pollspec.document.vendor import Vendor

TAKEN = ("self", "body", "deadline", "progress", "given", "answer", "started", "minted", "json")
"""Names that mean something else in a method."""
TYPES = {"integer": "int", "number": "float", "boolean": "bool"}
PLACES = {"path": "path", "query": "query", "header": "headers"}


@dataclass(frozen=True)
class Argument:
    """A parameter of an operation, as a function takes it."""

    name: str
    annotation: str
    parameter: Parameter

    @property
    def declared(self) -> str:
        """As the function declares it."""
        return f"{self.name}: {self.annotation}" + ("" if self.parameter.required else " | None = None")


class Asking:
    """One operation, as a function asks it. `classes`: the models that there are.

    `about`: the parameters that say about what it asks. Of the rest it takes those that are required; all, without it.
    """

    def __init__(
        self, vendor: Vendor, classes: Collection[str], operation: Operation, about: Collection[str] | None
    ) -> None:
        self.vendor, self.classes, self.operation = vendor, classes, operation
        self.arguments: list[Argument] = []
        for parameter in sorted(self._parameters(), key=lambda parameter: not parameter.required):
            if about is None or parameter.required or parameter.expression in about:
                name = snake(parameter.name, [*TAKEN, *(argument.name for argument in self.arguments)])
                self.arguments.append(Argument(name, self._type(parameter), parameter))

    def _parameters(self) -> Iterable[Parameter]:
        """The parameters but for those that say who asks, which are the client's."""
        for parameter in self.operation.parameters:
            if parameter.expression not in self.vendor.signing.places and parameter.name.lower() not in NO_PARAMETERS:
                yield parameter

    def _type(self, parameter: Parameter) -> str:
        _, node = self.vendor.schemas.resolve(parameter.schema)
        return "str | UUID" if node.get("format") == "uuid" else TYPES.get(str(node.get("type")), "str")

    def model(self, schema: Node) -> str:
        """The model of a schema; "" where it has none."""
        name = component(str(schema.get("$ref", "")))
        found = next((one for one in (name, camel(name)) if one in self.classes), None) if name else None
        return f"models.{found}" if found else ""

    @property
    def shown(self) -> str:
        """The model of its first success that has a body."""
        successes = (response for response in self.operation.responses if response.is_success and response.media)
        return next((self.model(response.schema) for response in successes), "")

    @property
    def body(self) -> str:
        """The body, as the function declares it; "" where there is none."""
        for media in self.operation.bodies.values():
            node, _ = resolve(self.vendor.document.content, self.operation.node["requestBody"])
            required = node.get("required", False)
            return f"body: {self.model(media['schema']) or 'Any'}" + ("" if required else " | None = None")
        return ""

    @property
    def declared(self) -> list[str]:
        """What the function declares: the body first, the rest by its name."""
        named = [argument.declared for argument in self.arguments]
        return [*filter(None, [self.body]), *(["*", *named] if named else [])]

    @property
    def passed(self) -> list[str]:
        """What a function of the same declaration passes on."""
        return [*(["body"] if self.body else []), *(f"{one.name}={one.name}" for one in self.arguments)]

    @property
    def call(self) -> str:
        """How it is asked, as the document says."""
        successes = [response for response in self.operation.responses if response.is_success]
        media = next((media for response in successes for media in response.media), "application/json")
        refusals = sorted(
            response.code for response in self.operation.responses if response.is_exact and response.code >= 400
        )
        parts = [literal(self.operation.method), literal(self.vendor.base_path + self.operation.path), literal(media)]
        parts += [f"refusals=frozenset({{{', '.join(map(str, refusals))}}})"] if refusals else []
        parts += [f"content_type={literal(media)}" for media in list(self.operation.bodies)[:1]]
        return wrapped("Call(", parts, ")", 4)

    @property
    def given(self) -> str:
        """What the function makes of what it takes."""
        parts = []
        for place, word in PLACES.items():
            here = [
                f"{literal(one.parameter.name)}: {one.name}" for one in self.arguments if one.parameter.place == place
            ]
            parts += [f"{word}={{{', '.join(here)}}}"] if here else []
        if self.body:
            sent = "json.dumps(body)" if self.body.startswith("body: Any") else "body.model_dump_json(by_alias=True)"
            parts.append(f"content={sent}" + (" if body is not None else None" if self.body.endswith("None") else ""))
        return f"Given({', '.join(parts)})"
