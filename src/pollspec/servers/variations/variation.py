"""What a legal variation is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pollspec.document.messages import Answer, Request
from pollspec.document.shapes import Property
from pollspec.document.vendor import Vendor
from pollspec.servers.faults.fault import Scene


@dataclass(frozen=True)
class Variation:
    """One thing that a legal server may do. `act` gives another answer in place of the polite one, or None to leave it;
    `plays` gives the document that the server plays in place of the judged one, or None where it does not apply.
    """

    name: str
    does: str
    act: Callable[[Scene], Answer | None] | None = None
    plays: Callable[[Vendor], Vendor | None] | None = None
    asks: Callable[[Scene], Request] | None = None


def spoken_of(vendor: Vendor) -> str:
    """Everything the beliefs and lifecycles say, as one text: a field that is not in it is free."""
    said = [belief.says for belief in vendor.beliefs]
    return json.dumps(
        [
            said,
            [
                dict(view.plays) | {"state": view.state}
                for lc in vendor.lifecycles.values()
                for view in lc.views.values()
            ],
        ]
    )


def is_free(vendor: Vendor, prop: Property) -> bool:
    """Whether no belief speaks of a property, so that its values are the server's own."""
    text = spoken_of(vendor)
    return f'/{prop.name}"' not in text and f"/{prop.name}/" not in text


def typed(scene: Scene) -> Iterator[tuple[Property, str, Any]]:
    """Each documented property of an answer, with its place and its value."""
    found = scene.vendor.operations[scene.operation].response(scene.answer.status)
    if found is not None and found.media and not scene.answer.reading.unreadable:
        yield from scene.vendor.schemas.typed(found.schema_in(scene.answer.media_type), scene.answer.reading.value)


def is_legal(scene: Scene, answer: Answer) -> bool:
    """Whether another answer's body, where it is an object, is of a media type and a schema of its status."""
    found = scene.vendor.operations[scene.operation].response(answer.status)
    if found is None or not found.media or not isinstance(answer.reading.value, dict):
        return True
    valid = scene.vendor.schemas.validator(found.schema_in(answer.media_type)).is_valid
    return found.kind(answer.media_type) is not None and bool(valid(answer.reading.value))


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A JSON value with each of its scalars changed."""
    if isinstance(value, dict):
        return {name: mapped(inner, change) for name, inner in value.items()}
    return [mapped(inner, change) for inner in value] if isinstance(value, list) else change(value)
