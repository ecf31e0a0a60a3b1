"""The files that an OpenAPI file leads to: local ones, each read once and within bounds; no address is ever asked."""

from __future__ import annotations

import json
import pathlib
import stat
import urllib.parse
from typing import Any, NoReturn

import yaml
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable

from pollspec.document.yaml12 import Loader
from pollspec.errors import DocumentError

LARGEST = 32 * 2**20
"""Bytes of a file that is read."""
ENTRIES = 1_000_000
"""Entries that a file may have: of a large API a few operations are taken."""
KINDS = {".json", ".yaml", ".yml"}
SAVE = "save it beside the file, and let the $ref name it there"


class Files:
    """Files by their address. `root`: that of the first; `content`: what stands in it."""

    def __init__(self, path: str) -> None:
        self.root = pathlib.Path(path).resolve().as_uri()
        self._read: dict[str, Any] = {}
        empty: Any = Registry  # mypy does not know its argument
        self._registry: Registry[Any] = empty(retrieve=self._retrieve)
        self.content = self._content(self.root, path)

    def find(self, base: str, reference: str) -> tuple[str, Any]:
        """What a `$ref` of a file leads to, and its address; DocumentError where there is nothing."""
        address = urllib.parse.urljoin(base, reference)
        try:
            return address, self._registry.resolver().lookup(address).contents
        except Unresolvable as error:
            cause = error.__cause__
            while cause is not None and not isinstance(cause, DocumentError):
                cause = cause.__cause__
            if cause is not None:
                raise cause from None
            raise DocumentError(
                f"{shown(base)}: $ref leads nowhere: {reference}", "mend the $ref, or leave the operation out"
            ) from None

    def _retrieve(self, address: str) -> Resource[Any]:
        return Resource.opaque(self._content(address, shown(address)))

    def _content(self, address: str, name: str) -> Any:
        if address not in self._read:
            self._read[address] = _parsed(_text(address, name), name)
        return self._read[address]


def shown(address: str) -> str:
    """An address for a reader: of a file its path, as short as it can be."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "file":
        return address
    path = pathlib.Path(urllib.parse.unquote(parts.path))
    return str(path.relative_to(pathlib.Path.cwd()) if path.is_relative_to(pathlib.Path.cwd()) else path)


def _text(address: str, name: str) -> str:
    """The text of a local file."""
    if not address.startswith("file:"):
        raise DocumentError(f"{name} is no local file, and is not fetched", SAVE)
    path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path))
    if path.suffix not in KINDS:
        raise DocumentError(f"{name} is neither JSON nor YAML: expected .json, .yaml or .yml", SAVE)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(f"{name} is no file", "give the path of an OpenAPI file in JSON or YAML")
        if status.st_size > LARGEST:
            raise DocumentError(f"{name} has more than {LARGEST} bytes", "take the operations out of it first")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DocumentError(f"{name} cannot be read: {error}", "give the path of an OpenAPI file") from None


def _parsed(text: str, name: str) -> Any:
    """What stands in a text: JSON, which is read at once, or YAML."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise DocumentError(f"{name} is nested too deep", "write it flatter") from None
    except ValueError:
        pass
    try:
        return Loader(text, ENTRIES).get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        words = " ".join(str(getattr(error, "problem", None) or error).split())[:200]
        raise DocumentError(f"{name}{line}: no YAML: {words}", "mend the line and run again") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
