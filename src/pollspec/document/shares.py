"""How far an operation is: which numbers of an answer are a part of which whole, wherever a document says it."""

from __future__ import annotations

from pollspec.document.keywords import Role
from pollspec.document.vendor import Vendor


def growing(vendor: Vendor, operation: str) -> dict[str, str]:
    """The numbers of a whole instance that never decrease, each with what it is at most ("" where nothing says it)."""
    parts = {belief: text for belief, text in vendor.named(operation, Role.PART) if isinstance(text, str)}
    named = [(belief, text) for belief, text in vendor.named(operation, Role.WHOLE) if isinstance(text, str)]
    wholes = {parts[belief]: text for belief, text in named if belief in parts}
    found = [text for belief, text in vendor.named(operation, Role.GROWING) if "each" not in belief.says]
    return {text: wholes.get(text, "") for text in found}


def shares(vendor: Vendor, operation: str) -> list[tuple[str, str]]:
    """The expressions of a part and of its whole, "" for 100; those of 100 first.

    Each is a number that never decreases: its schema has it from 0 to 100, or the document says what it is at most.
    """
    numbers = growing(vendor, operation)
    percentages = [(text, "") for text in numbers if _is_percentage(vendor, operation, text)]
    return percentages + [(text, whole) for text, whole in numbers.items() if whole]


def _is_percentage(vendor: Vendor, operation: str, text: str) -> bool:
    for response in vendor.operations[operation].responses:
        if found := vendor.schemas.declares(response.schema, text):
            _, node = vendor.schemas.resolve(found.node)
            return bool(node.get("minimum") == 0 and node.get("maximum") == 100)
    return False
