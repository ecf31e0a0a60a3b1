"""Other values that a document leaves open: fields left out, lists empty, other members of a list, other texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import is_number
from pollspec.document.keywords import Role
from pollspec.document.messages import MISSING, Answer
from pollspec.document.shapes import Property
from pollspec.document.vendor import Vendor
from pollspec.servers.faults.edits import edited
from pollspec.servers.faults.fault import Scene
from pollspec.servers.variations.variation import Variation, is_free, is_legal, typed

Change = Callable[[Vendor, Property, Any], Any]


def _free(change: Change, refusals: bool = False) -> Callable[[Scene], Answer | None]:
    """Change each property that no belief speaks of; the value itself leaves it.

    Where only some fields are asked for, nothing is left out besides.
    """

    def act(scene: Scene) -> Answer | None:
        if scene.answer.status >= 400 and not refusals:
            return None
        vendor, edits = scene.vendor, {}
        for prop, place, value in reversed(list(typed(scene))):
            if is_free(vendor, prop):
                new = change(vendor, prop, value)
                if new is MISSING or new != value:
                    edits[place] = new
        if vendor.projects(scene.request):
            edits = {place: new for place, new in edits.items() if new is not MISSING}
            return edited(scene.answer, edits) if edits else None
        together = _legal(scene, edits)
        if together is None:  # what is required may depend on something else
            edits = {place: new for place, new in edits.items() if _legal(scene, {place: new}) is not None}
            together = _legal(scene, edits)
        return together

    return act


def _legal(scene: Scene, edits: Mapping[str, Any]) -> Answer | None:
    """An edited answer, if something is edited and its body satisfies its schema."""
    made = edited(scene.answer, edits)
    return made if edits and is_legal(scene, made) else None


def _omitted(vendor: Vendor, prop: Property, value: Any) -> Any:
    return value if prop.required else MISSING


def _emptied(vendor: Vendor, prop: Property, value: Any) -> Any:
    return [] if isinstance(value, list) and not prop.required else value


def _nulled(vendor: Vendor, prop: Property, value: Any) -> Any:
    return None if vendor.schemas.validator(prop.node).is_valid(None) else value


def _node(vendor: Vendor, prop: Property) -> Any:
    return vendor.schemas.resolve(prop.node)[1]


def _last_listed(vendor: Vendor, prop: Property, value: Any) -> Any:
    listed = _node(vendor, prop).get("enum", [])
    return listed[-1] if listed and isinstance(value, str) else value


def _reworded(vendor: Vendor, prop: Property, value: Any) -> Any:
    fixed = {"enum", "const", "format", "pattern", "minLength"} & set(_node(vendor, prop))
    return value if fixed or not isinstance(value, str) else 'Anderer Text: 50 % – ⏳ \u202e"<b>'


def _renumbered(vendor: Vendor, prop: Property, value: Any) -> Any:
    if not is_number(value):
        return value
    return next((n for n in (1.5, 10_551_382, 7) if vendor.schemas.validator(prop.node).is_valid(n)), value)


def _growing(scene: Scene) -> Answer | None:
    """Limits that are no counterpart elsewhere grow while an operation goes on."""
    vendor = scene.vendor
    parts = [text for _, text in vendor.named(scene.operation, Role.PART)]
    values = {text for said in parts for text in ([said] if isinstance(said, str) else said)}
    edits = {}
    for _, limit in vendor.named(scene.operation, Role.WHOLE):
        if not isinstance(limit, str):
            continue
        pointer = limit.removeprefix("$response.body#")
        now = expressions.value(limit, scene.request, scene.answer)
        if limit not in values and is_number(now) and scene.answer.status < 300:
            edits[pointer] = now + len(scene.earlier())
    return edited(scene.answer, edits) if edits else None


VARIATIONS = (
    Variation("omitted", "optional fields left out", _free(_omitted)),
    Variation("emptied", "optional lists empty", _free(_emptied)),
    Variation("nulled", "nullable fields null", _free(_nulled)),
    Variation("last-listed", "the last member of each closed list", _free(_last_listed)),
    Variation("reworded", "other texts, with characters of the world", _free(_reworded)),
    Variation("reworded-refusals", "other texts of refusals", _free(_reworded, refusals=True)),
    Variation("renumbered", "other numbers where any will do", _free(_renumbered)),
    Variation("growing-totals", "totals that grow", _growing),
)
