"""The entries of a target file, each checked: what is not as expected is an error that says what to type instead."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping
from typing import Any

from ..errors import TargetFileError, nearest
from .credentials import NoSecret, Source

Kinds = Mapping[str, tuple[type, ...]]
TEXT, FLAG, TABLE, WHOLE, NUMBER, SECRET = (str,), (bool,), (dict,), (int,), (int, float), (str, dict)
SOURCES = ("env", "file", "command")
WORDS = {bool: "true or false", str: "a text", dict: "a table", int: "a whole number"}
SMALLEST, LARGEST = 1e-6, 1e9
"""Of any number in a target file; TOML knows inf and nan as well."""


class Entries:
    """A target file that was read. Names of files in it are relative to its own folder."""

    def __init__(self, path: str, content: dict[str, Any]) -> None:
        self.path, self.content = path, content

    def error(self, text: str, hint: str) -> TargetFileError:
        """An error that names the file."""
        return TargetFileError(f"{self.path}: {text}", hint)

    def table(self, place: str, known: Kinds) -> Mapping[str, Any]:
        """A table's entries, checked; empty where there is none."""
        return self.check(f"{place}.", self.content.get(place, {}), known)

    def check(self, prefix: str, given: Mapping[str, Any], known: Kinds) -> Mapping[str, Any]:
        """The entries given, all of them known and of their kind. No error prints what might be a secret."""
        for name, value in given.items():
            if name not in known:
                raise self.error(f"unknown entry {prefix}{name}", nearest(name, known))
            kinds = known[name]
            what = "of another kind" if dict in kinds else f"{value!r}"
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise self.error(f"{prefix}{name} is {what}, expected {_expected(kinds)}", "pollspec init shows one")
            least = 0 if name == "after_end" else SMALLEST
            if isinstance(value, int | float) and kinds[0] is int and not least <= value <= LARGEST:
                hint = f"{name} = 10, or leave it out"
                raise self.error(f"{prefix}{name} is {what}, expected a number above 0, up to a billion", hint)
        return given

    def file(self, place: str, name: str) -> str:
        """The path of a file that an entry names; it must be there."""
        path = pathlib.Path(self.path).parent / pathlib.Path(name).expanduser()
        if not path.is_file():
            raise self.error(f"{place}: there is no file {path}", f'{place.split(".")[-1]} = "/path/to/file.pem"')
        return str(path)

    def source(self, value: Any) -> Source | None:
        """Where a value comes from anew each time; None where it is a text or comes from the environment."""
        match value:
            case {"command": str(line), **rest} if set(rest) <= {"prefix"}:
                return Source("command", line, str(rest.get("prefix", "")))
            case {"file": str(name), **rest} if set(rest) <= {"prefix"}:
                path = pathlib.Path(self.path).parent / pathlib.Path(name).expanduser()
                return Source("file", str(path), str(rest.get("prefix", "")))
        return None

    def is_sourced(self, value: Any) -> bool:
        """Whether a value says where it comes from."""
        return isinstance(value, dict) and bool(set(value) & set(SOURCES)) and set(value) <= {*SOURCES, "prefix"}

    def secret(self, place: str, value: Any) -> str:
        """A text, or what the source gives that a table names."""
        if isinstance(value, str):
            return value
        if (source := self.source(value)) is not None:
            try:
                return source()
            except NoSecret as error:
                hint = "give a readable file" if source.kind == "file" else "run the command by hand"
                raise self.error(f"{place}: {error}", hint) from None
        match value:
            case {"env": str(name), **rest} if set(rest) <= {"prefix"}:
                if not os.environ.get(name, "").strip():
                    raise self.error(f"{place}: the environment has no {name}", f"export {name}=...")
                return str(rest.get("prefix", "")) + os.environ[name].strip()
        raise self.error(
            f"{place} is no text and names no source ({', '.join(SOURCES)})",
            f'{place.split(".")[-1]} = {{ env = "NAME" }}',
        )


def _expected(kinds: tuple[type, ...]) -> str:
    return "a number" if kinds == NUMBER else " or ".join(WORDS[kind] for kind in kinds)
