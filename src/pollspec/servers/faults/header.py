"""`header`: a documented header is missing, or is none of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import with_header
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.occasions import shown

GARBLED = ("http://[", "pollspec", "-1", "2.5", "-" * 300)
"""Texts that a header of some kind never has."""


def _header(value: Callable[[Vendor, Mapping[str, Any]], str | None], does: str) -> Callable[..., Derived]:
    """A fault that sends another value; "" where the schema gives none, None for no header at all."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        wanted, _, name = belief.name.partition(".")
        responses = vendor.operations[belief.operation].responses
        told = value(vendor, next(response for response in responses if response.id == wanted).headers[name])

        def act(scene: Scene) -> Answer | None:
            answer = shown(scene, belief.operation, wanted)
            return with_header(answer, name, told) if answer else None

        if told != "":
            yield Fault(misdeed, belief, f"{does} {name}", act=act)

    return derive


def _nothing(vendor: Vendor, node: Mapping[str, Any]) -> str | None:
    """No header, where one is required."""
    return None if node.get("required") else ""


def _unfit(vendor: Vendor, node: Mapping[str, Any]) -> str:
    """A text that does not fit the header's schema."""
    return next((text for text in GARBLED if not vendor.fits(node.get("schema", True), text)), "")


MISDEEDS = {
    "forgets-the-header": _header(_nothing, "leaves out"),
    "garbles-the-header": _header(_unfit, "sends no value of its kind in"),
}
