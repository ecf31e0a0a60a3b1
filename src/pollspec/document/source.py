"""A document as it is read: YAML (the JSON schema of YAML 1.2, nothing more), with the line of every entry."""

from __future__ import annotations

import functools
import hashlib
import pathlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from pollspec import spec
from pollspec.document.yaml12 import Loader, is_surprise
from pollspec.errors import DocumentError, nearest

Place = tuple[str | int, ...]
Problem = tuple[Place, str]
"""Where in a document something is wrong, and what."""


@dataclass(frozen=True)
class Document:
    """`slug` names it in ids; `content` is its data; `lines` has the line of each entry by its place.

    `digest`: of its text, as `sha256sum` counts it.
    `surprises`: places of unquoted words that other readers of YAML take for something else, with the word.
    """

    slug: str
    path: str
    content: dict[str, Any]
    lines: dict[Place, int] = field(repr=False, default_factory=dict)
    surprises: list[tuple[Place, str]] = field(repr=False, default_factory=list)
    digest: str = ""

    @property
    def typed(self) -> str:
        """What to type for it on the command line: the name of a known vendor, or the path."""
        return self.slug if self.path == f"spec/{self.slug}.yaml" and self.slug in spec.names() else self.path

    def line(self, *place: str | int) -> int:
        """The line where an entry begins; that of the nearest one above it, where it has none."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def at(self, *place: str | int) -> str:
        """An entry's place for a reader: path and line."""
        return f"{self.path}:{self.line(*place)}"

    def place(self, node: object) -> Place:
        """Where an object or list of the content stands; () for one that is none of its own."""
        return self._places.get(id(node), ())

    @functools.cached_property
    def _places(self) -> dict[int, Place]:
        places: dict[int, Place] = {}
        for place, node in walk(self.content):
            if isinstance(node, dict | list):
                places.setdefault(id(node), place)
        return places


def walk(node: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every entry of some data, with its place; each before what it holds."""
    rest: list[tuple[Place, Any]] = [(place, node)]
    while rest:
        place, node = rest.pop()
        yield place, node
        inner = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
        rest += [((*place, key), value) for key, value in reversed(inner)]


def follow(node: Any, path: Sequence[str | int]) -> tuple[Any, Place]:
    """What an instance path leads to, and its place: a validator writes the name "200" as the number 200."""
    place: Place = ()
    for token in path:
        if isinstance(node, dict) and token not in node:
            token = next((name for name in node if name.isdecimal() and int(name) == token), str(token))
        node, place = node[token], (*place, token)
    return node, place


def read(vendor: str) -> Document:
    """Read a known vendor's document by name, or one's own by path; DocumentError says what is wrong and where."""
    if vendor in spec.names():
        return parse(spec.load(vendor), vendor, f"spec/{vendor}.yaml")
    path = pathlib.Path(vendor)
    if "://" in vendor:
        raise DocumentError(f"{vendor!r} is an address, and no vendor", "the vendor comes first: VENDOR URL")
    if path.suffix not in {".yaml", ".yml", ".json"}:
        raise DocumentError(
            f"no vendor is called {vendor!r}: expected a known name or the path of a document (.yaml)",
            nearest(vendor, spec.names()),
        )
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, ValueError) as error:
        raise DocumentError(
            f"{vendor} cannot be read: {error}", "give the path of an OpenAPI 3.1 document in YAML"
        ) from None
    return parse(text, path.stem, vendor)


def parse(text: str, slug: str, path: str) -> Document:
    """A document from its text."""
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        line, problem = _said(error, text)
        raise DocumentError(f"{path}{line}: no YAML: {problem}", "mend the line and run again") from None
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3.1"):
        raise DocumentError(f"{path} is no OpenAPI 3.1 document: it begins with `openapi: 3.1.0`", "see spec/README.md")
    digest = f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    read = Document(slug, path, content, digest=digest)
    _mark(node, (), read)
    return read


def _said(error: yaml.YAMLError, text: str) -> tuple[str, str]:
    """The line (`:7`, or nothing) and the words of an error of YAML."""
    if isinstance(error, yaml.reader.ReaderError):
        return f":{text.count(chr(10), 0, error.position) + 1}", f"the character {text[error.position]!r} in it"
    mark = getattr(error, "problem_mark", None)
    words = " ".join(str(getattr(error, "problem", None) or error).split())
    return f":{mark.line + 1}" if mark else "", words


def _mark(node: yaml.Node | None, place: Place, read: Document) -> None:
    """Note where everything stands, and what other readers of YAML would take for something else."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            read.lines[*place, key.value] = key.start_mark.line + 1
            _mark(key, (*place, key.value), read)
            _mark(value, (*place, key.value), read)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            read.lines[*place, index] = value.start_mark.line + 1
            _mark(value, (*place, index), read)
    elif isinstance(node, yaml.ScalarNode) and is_surprise(node):
        read.surprises.append((place, node.value))
