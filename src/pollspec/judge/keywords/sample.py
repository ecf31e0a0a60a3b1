"""`sample`: a printed sample is what its schema and its model say."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Iterable
from typing import Any

from pollspec import generated
from pollspec.document.conditions import same, show
from pollspec.document.messages import Answer, Request, read
from pollspec.document.operations import Response
from pollspec.document.schemas import component
from pollspec.judge.bodies import Bodies
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.verdict import Finding, Trial


class Judging(Monitor):
    """A sample satisfies its schema and, where there is one, its generated model, and comes back from it equal."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.operations = ()

    def conclude(self) -> Iterable[Trial]:
        """Nothing but the document is looked at."""
        return [self._trial]

    @functools.cached_property
    def _trial(self) -> Trial:
        operation = self.vendor.operations[self.belief.operation]
        owner, _, name = self.belief.name.partition(".")
        response = next(response for response in operation.responses if response.id == owner)
        value = response.examples[name]
        content = json.dumps(value).encode()
        headers = (("content-type", next(iter(response.media))),)
        request = Request(operation.id, operation.method, operation.path)
        at = Exchange(request, Answer(response.code, headers, content), 0, 0)
        for breach in Bodies(self.vendor.schemas, response.schema).breaches(read(content), False).values():
            return Finding(breach.expected, f"{breach.actual} at {breach.place or 'the top'}", at)
        if difference := _unlike_its_model(self.vendor.slug, response, value):
            return Finding("the same through the model", difference, at)
        return None


def _unlike_its_model(slug: str, found: Response, value: Any) -> str:
    """How a value differs after a strict parse and a serialisation by its generated model; "" if it does not."""
    try:
        models = importlib.import_module(f"{generated.__name__}.{slug}")
        model = getattr(models, component(found.schema.get("$ref", "")))
    except (ModuleNotFoundError, KeyError, AttributeError):
        return ""
    try:
        parsed = model.model_validate_json(json.dumps(value), strict=True)
    except ValueError as error:
        return str(error)[:300]
    back = json.loads(parsed.model_dump_json(by_alias=True, exclude_unset=True))
    return "" if _alike(value, back) else f"{show(value)} became {show(back)}"


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return same(one, other)
