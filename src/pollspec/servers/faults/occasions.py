"""Occasions for faults: an answer that a document describes, and that no request gets from a polite server."""

from __future__ import annotations

import functools
from typing import Any

from pollspec.document.messages import Answer
from pollspec.document.source import walk
from pollspec.document.vendor import Vendor
from pollspec.servers.faults.edits import printed
from pollspec.servers.faults.fault import Scene

OTHERS = (400, 409, 422, 403, 500, 501)
"""Statuses of an answer that the document describes by a range, or as the default."""


def shown(scene: Scene, operation: str, response: str) -> Answer | None:
    """The true answer, if it is that response. Once a trace, in place of a success: one that nothing asks for."""
    asked = scene.vendor.operations[scene.operation]
    if asked.id != operation:
        return None
    found = asked.response(scene.answer.status)
    if found is not None and found.id == response:
        return scene.answer
    return _unasked(scene.vendor, operation, response) if scene.is_good and len(scene.earlier()) == 1 else None


@functools.lru_cache(maxsize=256)
def _unasked(vendor: Vendor, operation: str, name: str) -> Answer | None:
    """A response as it is printed; None where a request, or a stage, may get it."""
    asked = vendor.operations[operation]
    response = next(one for one in asked.responses if one.id == name)
    told = [asked.success, *map(asked.response, _statuses(vendor, operation))]
    fitting = (response.code,) if response.is_exact else OTHERS
    status = next((one for one in fitting if asked.response(one) is response), None)
    return None if response in told or status is None else printed(response, status)


def _statuses(vendor: Vendor, operation: str) -> set[int]:
    """The statuses that the contract speaks of at an operation: what is played, expected, or a state."""
    started = vendor.started_by(operation)
    said: list[Any] = [belief.says for belief in vendor.beliefs if belief.operation == operation]
    said += [started.start.plays] if started and started.start else []
    for lifecycle in vendor.lifecycles.values():
        said += [lifecycle.views[operation].plays] if operation in lifecycle.views else []
        said += [by.get(operation) for stage in lifecycle.stages.values() for by in (stage.states, stage.plays)]
    named = (value for place, value in walk(said) if place and place[-1] in {"status", "$statusCode"})
    return {value for value in named if isinstance(value, int)}
