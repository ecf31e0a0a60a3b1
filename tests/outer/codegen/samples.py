"""Answers that every generated model must take: the printed ones, and what a selection of fields leaves of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pollspec.document.vendor import Vendor


class Sample(NamedTuple):
    """A good answer, and the name of its schema among the document's components."""

    schema: str
    body: Any


def samples(vendor: Vendor) -> list[Sample]:
    """Every printed answer of success, each property of it alone where fields can be selected."""
    return list(_samples(vendor))


def _samples(vendor: Vendor) -> Iterator[Sample]:
    for operation in vendor.operations.values():
        for response in operation.responses:
            for schema in response.media.values():
                name = str(schema.get("$ref", "")).rpartition("/")[2]
                for body in response.examples.values() if name else ():
                    yield Sample(name, body)
                    if response is operation.success and vendor.projections(operation.id):
                        yield from (Sample(name, {one: value}) for one, value in body.items())
                break
