"""A document as it is read: YAML (the JSON schema of YAML 1.2, nothing more), with the line of every entry."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import yaml

from . import spec
from .errors import DocumentError, nearest

Place = tuple[str | int, ...]


class Loader(yaml.SafeLoader):
    """SafeLoader without surprises: no dates, no octals, no `on` and `off`; a name given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping, unless a name in it stands twice or is no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a name is a text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the name {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|false", "tf"),
    ("null", r"null", "n"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))


OTHERS: Any = yaml.SafeLoader("")
"""A reader of YAML 1.1, as many are: to it `no` is false, 18:00 is 1080 and 2026-11-22 is a date."""


@dataclass(frozen=True)
class Document:
    """`slug` names it in ids; `content` is its data; `lines` has the line of each entry by its place.

    `surprises`: places of unquoted words that other readers of YAML take for something else, with the word.
    """

    slug: str
    path: str
    content: dict[str, Any]
    lines: dict[Place, int] = field(repr=False, default_factory=dict)
    surprises: list[tuple[Place, str]] = field(repr=False, default_factory=list)

    @property
    def typed(self) -> str:
        """What to type for it on the command line: the name of a known vendor, or the path."""
        return self.slug if self.path == f"spec/{self.slug}.yaml" and self.slug in spec.names() else self.path

    def line(self, *place: str | int) -> int:
        """The line where an entry begins; that of the nearest one above it, where it has none."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


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
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
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
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else path
        raise DocumentError(
            f"{where}: no YAML: {getattr(error, 'problem', error)}", "mend the line and run again"
        ) from None
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3.1"):
        raise DocumentError(f"{path} is no OpenAPI 3.1 document: it begins with `openapi: 3.1.0`", "see spec/README.md")
    read = Document(slug, path, content)
    _mark(node, (), read)
    return read


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
    elif isinstance(node, yaml.ScalarNode) and node.style is None and _surprises(node):
        read.surprises.append((place, node.value))


def _surprises(node: yaml.ScalarNode) -> bool:
    return bool(OTHERS.resolve(yaml.ScalarNode, node.value, (True, False)) != node.tag)
