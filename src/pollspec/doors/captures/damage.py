"""A HAR that is no JSON as a whole, cut off or damaged in one place: its entries, told apart by their brackets."""

from __future__ import annotations

import re

ENTRIES = re.compile(rb'"entries"\s*:\s*\[')
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
"""A text, or a bracket. Nothing else matters here, and so nothing else can be wrong."""


def salvaged(data: memoryview) -> tuple[list[memoryview], bool]:
    """The entries that are whole, as far as brackets tell, and whether the list of them comes to its end."""
    found: list[memoryview] = []
    if (listed := ENTRIES.search(data)) is None:
        return found, False
    depth = start = 0
    for token in TOKEN.finditer(data, listed.end()):
        match data[token.start()]:
            case 0x7B | 0x5B:  # { [
                start = token.start() if depth == 0 else start
                depth += 1
            case 0x7D | 0x5D:  # } ]
                depth -= 1
                if depth < 0:
                    return found, True
                if depth == 0:
                    found.append(data[start : token.end()])
    return found, False
