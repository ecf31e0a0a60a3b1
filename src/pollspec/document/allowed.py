"""Whether a request is one that the page plainly allows, so that a refusal of it needs a reason."""

from __future__ import annotations

import functools
from typing import Any

from pollspec.document import expressions, projections
from pollspec.document.keywords import Provoked
from pollspec.document.messages import MISSING, Missing, Request, header
from pollspec.document.operations import Operation, Parameter, written
from pollspec.document.vendor import Vendor


def options(vendor: Vendor, operation: Operation) -> list[dict[str, Any]]:
    """What the document alone allows at each optional parameter: the values that it lists, and fields that it has."""
    found = []
    for parameter in vendor.optional(operation):
        schema = vendor.schemas.resolve(parameter.schema)[1]
        values = list(schema.get("enum", [True, False] if schema.get("type") == "boolean" else []))
        if parameter.expression in vendor.projections(operation.id) and operation.success:
            values += projections.samples(vendor.schemas, operation.success.schema)
        found += [{parameter.expression: value} for value in values]
    return found


def ways(vendor: Vendor, operation: Operation) -> dict[str, list[dict[str, Any]]]:
    """How one thing may be asked for in another way: what the document sends or lists, by each optional parameter."""
    sent = [dict(one) for one in vendor.sent(operation.id, Provoked.ANSWER, Provoked.SELECTION)]
    single = [one for one in [*sent, *options(vendor, operation)] if len(one) == 1]
    each = [one.expression for one in vendor.optional(operation)]
    found = {text: [one for one in single if one.get(text) is not None] for text in each}
    return {text: several for text, several in found.items() if several}


class Allowed:
    """The requests that one operation's document plainly allows.

    Each parameter fits its schema; a text that may be anything is one that the document itself sends, or names fields
    that it knows. Nothing else is asked that a server need not understand: no unknown query parameter, no other media
    type than the documented ones, no body where none is documented.
    """

    def __init__(self, vendor: Vendor, operation: Operation) -> None:
        self.vendor, self.operation = vendor, operation
        self.omissible = {parameter.expression: parameter for parameter in vendor.omissible(operation)}
        self.projections = set(vendor.projections(operation.id))

    def __call__(self, request: Request) -> bool:
        """Whether it is one of them."""
        if self.vendor.is_strange(request) or self.vendor.misfits(request):
            return False
        if request.content and not self.operation.bodies:
            return False
        given = ((parameter, expressions.value(text, request)) for text, parameter in self.omissible.items())
        return self._may_be_accepted(request) and all(
            value is MISSING or self._is_known(parameter, value) for parameter, value in given
        )

    def _may_be_accepted(self, request: Request) -> bool:
        accepted = header(request.headers, "accept")
        if isinstance(accepted, Missing) or any(text.lower().endswith(".accept") for text in self.omissible):
            return True
        kinds = {one.partition(";")[0].strip().lower() for one in accepted.split(",")}
        documented = {media for response in self.operation.responses for media in response.media}
        return bool(kinds & {*documented, *(f"{media.partition('/')[0]}/*" for media in documented), "*/*", ""})

    def _is_known(self, parameter: Parameter, value: Any) -> bool:
        if parameter.expression in self.projections:
            return self._names_fields(str(value))
        schema = self.vendor.schemas.resolve(parameter.schema)[1]
        if {"enum", "const", "format"} & set(schema) or schema.get("type") in {"boolean"}:
            return True
        if schema.get("type") == "integer" and {"minimum", "maximum"} <= set(schema):
            return True
        examples = {text for _, text in parameter.carried(parameter.example)}
        return str(value) in self._sent.get(parameter.expression, set()) | examples

    @functools.cached_property
    def _sent(self) -> dict[str, set[str]]:
        """What the document itself sends."""
        found: dict[str, set[str]] = {}
        for belief in self.vendor.provoked(self.operation.id, Provoked.ANSWER, Provoked.SELECTION):
            for sends in belief.says.get("sends", []):
                for text, value in sends.items():
                    found.setdefault(text, set()).add(written(value))
        return found

    def _names_fields(self, value: str) -> bool:
        try:
            tree = projections.parse(value)
        except ValueError:
            return False
        return self.operation.success is not None and self._has(tree, ())

    def _has(self, tree: projections.Projection, way: tuple[str, ...]) -> bool:
        """Whether a success has every field that a projection names, in an object or in each item of a list."""
        assert self.operation.success is not None
        schema, schemas = self.operation.success.schema, self.vendor.schemas
        for name, inner in tree.items():
            ways = [(*way, name), (*way, "0", name)]
            found = next((one for one in ways if (p := schemas.at(schema, one)) and p.name == name), None)
            if found is None or (inner is not None and not self._has(inner, found)):
                return False
        return True
