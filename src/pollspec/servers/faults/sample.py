"""`sample`: a document's own sample is wrong."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from pollspec.document import source
from pollspec.document.loader import view
from pollspec.document.operations import Response
from pollspec.document.references import resolve
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed


def _spoils(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The document's sample itself: one required or typed member is wrong."""

    def spoilt(sound: Vendor) -> Vendor:
        content = copy.deepcopy(sound.document.content)
        for response in sound.operations[belief.operation].responses:
            if belief.name.startswith(f"{response.id}."):
                for value in _samples(content, response, belief.name.removeprefix(f"{response.id}.")):
                    _spoil(value, sound, response)
        return view(replace(sound.document, content=content))

    yield Fault(misdeed, belief, "a sample that does not satisfy its schema", document=spoilt)


def _samples(content: Any, response: Response, name: str) -> list[Any]:
    """The values of a response's example in a document's content; each media type may have one of that name."""
    node, _ = source.follow(content, response.place)
    media = node.get("content", {}).values()
    written = [resolve(content, inner["examples"][name])[0] for inner in media if name in inner.get("examples", {})]
    return [one["value"] for one in written] or [inner["example"] for inner in media if "example" in inner]


def _spoil(value: dict[str, Any], vendor: Vendor, response: Response) -> None:
    for found in vendor.schemas.properties(response.schema):
        candidates: list[Any] = [None, 42.5, {}, "pollspec"]
        for wrong in candidates:
            if not vendor.schemas.validator(found.node).is_valid(wrong):
                value[found.name] = wrong
                return


MISDEEDS = {
    "spoils-the-sample": _spoils,
}
