"""A target file as it was written: TOML within bounds, where each entry stands, and the texts that it names."""

from __future__ import annotations

import json
import pathlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pollspec.errors import TargetFileError, nearest
from pollspec.trial.wire.kinds import From
from pollspec.trial.wire.sources import NoSecret, Source, contents

LONGEST = 2**18
"""Bytes of a target file."""
DEEPEST = 64
"""Tables and lists in one another."""
UNREAD = "unread"
"""What stands for a text that comes from elsewhere and was not read."""
LONGEST_ENTRY = 200
"""Lines of one entry; what comes after a longer one is told without its line."""

Place = tuple[str | int, ...]
BARE = re.compile(r"[\w-]+", re.ASCII)
NAME = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
CHAIN = re.compile(rf"(?<![\w-]){NAME}(?:[ \t]*+\.[ \t]*+{NAME}){{{DEEPEST}}}")
"""A dotted name that is too deep: the memory that tomllib takes for one grows with the square of its length."""


class TomlFile:
    """`content`: what the file says; `lines`: where. Names of files in it are relative to its own folder.

    `reads`: it gives the texts that its sources give; else UNREAD in place of each.
    """

    reads = True

    def __init__(self, path: str, hint: str) -> None:
        self.path = path
        try:
            text = contents(pathlib.Path(path), LONGEST)
            self.content = _read(text)
        except NoSecret as error:
            known = pathlib.Path(path).exists()
            raise TargetFileError(str(error), "give a file of text in UTF-8" if known else hint) from None
        except RecursionError:
            deep = f"{path} holds more than {DEEPEST} tables and lists in one another"
            raise TargetFileError(deep, "take some out") from None
        except ValueError as error:
            raise TargetFileError(f"{path} is no TOML: {error}", "mend the line and run again") from None
        self.lines = lines(text)

    def line(self, place: Place) -> int:
        """The line where an entry stands, or the nearest that holds it; 0 for the file as a whole."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 0)

    def where(self, place: Place) -> str:
        """The file, with the line of an entry."""
        return f"{self.path}:{line}" if (line := self.line(place)) else self.path

    def error(self, place: Place, text: str, hint: str) -> TargetFileError:
        """An error about an entry, whose name takes the place of `{}` in the text."""
        return TargetFileError(f"{self.where(place)}: {text.replace('{}', dotted(place), 1)}", hint)

    def among(self, place: Place, name: str, known: Iterable[str]) -> None:
        """An error for a name that is not among those that are known."""
        if name not in (names := list(known)):
            text = "unknown entry {}" if name == place[-1] else f"{{}} is {name!r}, which is unknown"
            raise self.error(place, text, nearest(name, names))

    def pem(self, place: Place, name: str) -> str:
        """The path of a PEM file that an entry names; it must be there."""
        path = self._beside(name)
        if not path.is_file():
            raise self.error(place, f"{{}}: there is no file {path}", f'{place[-1]} = "/path/to/file.pem"')
        return str(path)

    def _beside(self, name: str) -> pathlib.Path:
        return pathlib.Path(self.path).parent / pathlib.Path(name).expanduser()

    def source(self, value: From) -> Source:
        """Where a text comes from."""
        kind, name = value.named
        return Source(kind, str(self._beside(name)) if kind == "file" else name, value.prefix)

    def plain(self, place: Place, value: Any) -> Any:
        """A value as data: what its source gives now, if it names one."""
        return self.text(place, value) if isinstance(value, From) else value

    def text(self, place: Place, value: str | From) -> str:
        """A text, or what its source gives now. No error says what that is."""
        if isinstance(value, str):
            return value
        if not self.reads:
            return UNREAD
        source = self.source(value)
        try:
            return source()
        except NoSecret as error:
            raise self.error(place, f"{{}}: {error}", HINTS[source.kind].format(source.name)) from None


HINTS = {"env": "export {}=...", "file": "give a readable file", "command": "run the command by hand"}


def dotted(place: Place) -> str:
    """An entry's name, as TOML writes it: `credentials.default."a b"`, `known[0].stage`."""
    shown = [f"[{token}]" if isinstance(token, int) else f".{key(token)}" for token in place]
    return "".join(shown).removeprefix(".")


def key(name: str) -> str:
    """A name as TOML writes it."""
    return name if BARE.fullmatch(name) else toml(name)


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line; what is null stands nowhere."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key(name)} = {toml(one)}" for name, one in value.items() if one is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(toml(one) for one in value if one is not None)}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = json.dumps(value, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in text)


def _read(text: str) -> dict[str, Any]:
    """TOML as data; RecursionError where it is deeper than anybody needs."""
    if CHAIN.search(text):
        raise RecursionError
    content = tomllib.loads(text)
    level: list[Any] = [content]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
        level = [one for one in level if isinstance(one, dict | list)]
    if level:
        raise RecursionError
    return content


def lines(text: str) -> dict[Place, int]:
    """The line of each entry. TOML is a row of statements, and each can be read by itself."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, statement, said in _statements(text.replace("\r\n", "\n")):
        header = statement.lstrip().startswith("[")
        table = _headed(said, counts) if header else table
        inner = (table[:end] for end in range(1, len(table) + 1)) if header else _inner(said, table)
        for place in inner:
            found.setdefault(place, number)
    return found


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each statement, with the line where it begins and what it says."""
    begun, statement = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        statement += f"{line}\n"
        if number - begun > LONGEST_ENTRY:
            return
        try:
            yield begun, statement, tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        begun, statement = number + 1, ""


def _headed(node: Any, counts: dict[Place, int]) -> Place:
    """The table that a header begins. `counts`: the tables of each list so far."""
    place: Place = ()
    while node:
        name, node = next(iter(node.items()))
        place = (*place, name)
        counts |= {place: counts.get(place, 0) + 1} if isinstance(node, list) else {}
        place = (*place, counts[place] - 1) if place in counts else place
        node = {} if isinstance(node, list) else node
    return place


def _inner(node: Any, place: Place) -> Iterator[Place]:
    """The place of everything in a value."""
    several = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in several:
        yield (*place, name)
        yield from _inner(value, (*place, name))
