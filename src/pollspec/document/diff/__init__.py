"""`pollspec diff`: what has changed from one version of a document to another, and which version that asks for.

Servers are broken by what they must keep to beyond what they had to, clients by what they can no longer count on.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pollspec import spec
from pollspec.document import loader
from pollspec.document import source as document
from pollspec.document.diff.change import Change
from pollspec.document.diff.documents import Diff
from pollspec.document.diff.version import least, parsed, written
from pollspec.document.vendor import Vendor
from pollspec.errors import DocumentError


@dataclass(frozen=True)
class Compared:
    """Two documents compared. `least`: the version that the new one has at least; "" where a version is none."""

    changes: Sequence[Change]
    old: str
    new: str
    least: str
    fits: bool

    def as_text(self) -> str:
        """For a reader: a line for each change, who is broken by them, and the version."""
        lines = [f"{one.kind:<10} {one.of}  ({one.where})\n  {_whom(one):<9} {one.says}\n" for one in self.changes]
        return "\n".join([*lines, self._summary(), self._version()])

    def as_json(self) -> str:
        """For a program."""
        changes = [{**asdict(change), "level": change.level.name.lower()} for change in self.changes]
        told = {"old": self.old, "new": self.new, "least": self.least, "fits": self.fits, "changes": changes}
        return json.dumps(told, indent=2, ensure_ascii=False)

    def _summary(self) -> str:
        whom = Counter(_whom(change) for change in self.changes)
        told = "".join(f", {number} break{'s' * (number == 1)} {name}" for name, number in sorted(whom.items()))
        return f"{len(self.changes)} changes{told}" if self.changes else "nothing has changed"

    def _version(self) -> str:
        said = f"version {self.old}" if self.old == self.new else f"version {self.old} is now {self.new}"
        if not self.least:
            return f"{said}: expected a semantic one (info.version: 1.2.3)"
        return said if self.fits else f"{said}: these changes ask for {self.least} at least"


def _whom(change: Change) -> str:
    return " and ".join(change.breaks) or "nobody"


def compared(old: Vendor, new: Vendor) -> Compared:
    """What has changed from one document to another."""
    changes = Diff(old, new).changes()
    one, other = (str(vendor.document.content["info"]["version"]) for vendor in (old, new))
    before, now = parsed(one), parsed(other)
    if before is None or now is None:
        return Compared(changes, one, other, "", False)
    wanted = least(before, changes)
    return Compared(changes, one, other, written(wanted), now >= wanted)


def read(name: str) -> Vendor:
    """The view of a known document, of a file of any name, a pipe among them, or of standard input (`-`)."""
    if name in spec.names() or pathlib.Path(name).suffix in {".yaml", ".yml", ".json"}:
        return loader.load(name)
    try:
        text = sys.stdin.read() if name == "-" else pathlib.Path(name).read_bytes().decode("utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no text in UTF-8"
        hint = "a known name, a file, or - for: git show v1:spec/x.yaml | pollspec diff - spec/x.yaml"
        raise DocumentError(f"{name} cannot be read: {why}", hint) from None
    return loader.view(document.parse(text, "stdin" if name == "-" else pathlib.Path(name).stem, name))
