"""What every worker is told: the document, the beliefs, how traffic is to be read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from pollspec.document.loader import load
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import DocumentError, UsageError
from pollspec.trial.background import Background
from pollspec.trial.settings import Settings


class Brief:
    """A document by its name or path, with what the target file says of its beliefs and subjects; and how to read.

    It is sent to workers as data; each reads the document itself. It holds credentials, and so is never printed.
    """

    def __init__(self, found: Background, beliefs: Sequence[Belief], base_path: str | None) -> None:
        self._vendor: Vendor | None = found.vendor
        self.name, self.digest, self.pollspec = found.vendor.document.typed, _digest(found.vendor), version("pollspec")
        self.beliefs, self.base_path, self.version = list(beliefs), base_path, found.version
        self.every, self.subjects = found.vendor.beliefs, found.vendor.subjects
        own = found.settings
        self.settings = own and Settings(credentials=own.credentials, subjects=own.subjects)

    def __repr__(self) -> str:
        return f"<the brief on {self.name}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_vendor": None}

    def vendor(self) -> Vendor:
        """The document, read once where it is wanted."""
        if self._vendor is None:
            if self.pollspec != version("pollspec"):
                raise UsageError(f"a worker has pollspec {version('pollspec')}", f"install {self.pollspec} there")
            found = load(self.name)
            if _digest(found) != self.digest:
                raise DocumentError(f"{self.name} is another document at a worker", "give all workers the same file")
            self._vendor = replace(found, beliefs=self.every, subjects=self.subjects)
        return self._vendor


def _digest(vendor: Vendor) -> int:
    return zlib.crc32(json.dumps(vendor.document.content, sort_keys=True, default=str).encode())
