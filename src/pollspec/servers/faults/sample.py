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

WRONG: list[Any] = [None, 42.5, {}, "pollspec", []]


def _spoils(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The document's sample itself: one required or typed member is wrong."""

    def spoilt(sound: Vendor) -> Vendor:
        content = copy.deepcopy(sound.document.content)
        for response in sound.operations[belief.operation].responses:
            if belief.name.startswith(f"{response.id}."):
                for holder, key in _samples(content, response, belief.name.removeprefix(f"{response.id}.")):
                    _spoil(holder, key, sound, response)
        return view(replace(sound.document, content=content))

    yield Fault(misdeed, belief, "a sample that does not satisfy its schema", document=spoilt)


def _samples(content: Any, response: Response, name: str) -> list[tuple[dict[str, Any], str]]:
    """What holds the values of a response's example, and by which name; each media type may have one of that name."""
    node, _ = source.follow(content, response.place)
    media = node.get("content", {}).values()
    written = [resolve(content, inner["examples"][name])[0] for inner in media if name in inner.get("examples", {})]
    return [(one, "value") for one in written] or [(inner, "example") for inner in media if "example" in inner]


def _spoil(holder: dict[str, Any], key: str, vendor: Vendor, response: Response) -> None:
    """Spoil one member of a sample, or all of it where it is no object."""
    if isinstance(holder[key], dict):
        for found in vendor.schemas.properties(response.schema):
            for wrong in WRONG:
                if not vendor.schemas.validator(found.node).is_valid(wrong):
                    holder[key][found.name] = wrong
                    return
    valid = vendor.schemas.validator(response.schema).is_valid
    holder[key] = next((wrong for wrong in WRONG if not valid(wrong)), holder[key])


MISDEEDS = {
    "spoils-the-sample": _spoils,
}
