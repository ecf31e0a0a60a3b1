"""The semantic version of a document (info.version), held to its changes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pollspec.document.diff.change import Change, Level

SEMANTIC = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?")
Version = tuple[int, int, int]


def parsed(text: str) -> Version | None:
    """A semantic version's numbers; None for any other text."""
    found = SEMANTIC.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def least(old: Version, changes: Sequence[Change]) -> Version:
    """The version that a document has at least after some changes. Before 1.0.0 a minor one may break."""
    level = max((change.level for change in changes), default=None)
    major, minor, patch = old
    if level is None:
        return old
    if level is Level.MAJOR and major:
        return major + 1, 0, 0
    return (major, minor, patch + 1) if level is Level.PATCH else (major, minor + 1, 0)


def written(version: Version) -> str:
    """As it stands in a document."""
    return ".".join(map(str, version))
