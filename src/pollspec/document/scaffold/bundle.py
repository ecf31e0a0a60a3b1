"""Some operations of an OpenAPI file as a document of its own: with exactly the schemas that they reach."""

from __future__ import annotations

import copy
import itertools
import pathlib
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pollspec.document.lint.schemas import BY_NAME, ONE, SEVERAL
from pollspec.document.operations import METHODS
from pollspec.document.scaffold.files import Files, shown
from pollspec.document.scaffold.translation import translated
from pollspec.document.yaml12 import DEEPEST, MOST
from pollspec.errors import DocumentError, UsageError, nearest

Node = dict[str, Any]
LEFT_OUT = {"callbacks", "links", "x-contract", "servers"}
"""Words of operations and responses that speak of other operations, or of other servers."""
VERSIONS = re.compile(r"3\.[01](\.|$)")


@dataclass(frozen=True)
class Found:
    """An operation of the file. `base`: where it stands; `shared`: the parameters of its path; `at`: where they do.

    Many files have a `$ref` in place of an operation, which OpenAPI knows of a path alone: it is followed.
    """

    path: str
    method: str
    node: Node
    base: str
    shared: list[Any]
    at: str

    @property
    def id(self) -> str:
        """Its operationId; one that is made of method and path, where it has none."""
        words = re.findall(r"[A-Za-z0-9]+", self.path)
        given = self.node.get("operationId")
        return str(given or self.method + "".join(word[:1].upper() + word[1:] for word in words))

    @property
    def is_named(self) -> bool:
        """Whether the file gives it an operationId."""
        return bool(self.node.get("operationId"))

    @property
    def line(self) -> str:
        """As a request line has it."""
        return f"{self.method.upper()} {self.path}"


@dataclass
class Bundle:
    """What is taken out of a file. `schemas`: by name; `_names`: by address; `_rest`: those that are not read yet."""

    files: Files
    is_old: bool
    schemas: Node = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _rest: list[tuple[str, Any, str]] = field(default_factory=list)
    _written: int = 0

    @classmethod
    def of(cls, path: str) -> Bundle:
        """Nothing yet, out of the file at a path; DocumentError where that is none of OpenAPI 3.0 or 3.1."""
        files = Files(path)
        content = files.content if isinstance(files.content, dict) else {}
        version = str(content.get("openapi", content.get("swagger", "")))
        if not VERSIONS.match(version) or not isinstance(content.get("paths"), dict):
            said = f"it says {version}" if version else "it has no `openapi: 3...`"
            raise DocumentError(f"{path} is no OpenAPI file of 3.0 or 3.1: {said}", "translate it to OpenAPI 3 first")
        return cls(files, version.startswith("3.0"))

    def operations(self) -> Iterator[Found]:
        """Every operation of the file."""
        for path, written in self.files.content["paths"].items():
            item, at = self._followed(written, self.files.root)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    node, base = self._followed(item[method], at)
                    yield Found(str(path), method, node, base, item.get("parameters", []), at)

    def chosen(self, wanted: tuple[str, ...]) -> list[Found]:
        """The operations that are meant, by operationId or as "GET /path"; UsageError lists what is there."""
        known = list(self.operations())
        found = []
        for word in wanted or ("",):
            meant = [one for one in known if word in {one.id, one.line, one.line.replace(" ", " /", 1)}]
            if not meant:
                said = f"there is no operation {word!r}" if word else "no operation is named"
                listed = "\n".join(f"  {one.id:<32} {one.line}" for one in known) or "  none"
                hint = nearest(word, [*(one.id for one in known), *(one.line for one in known)])
                hint = hint if hint.startswith("did") else 'name one by its operationId, or as "GET /path"'
                raise UsageError(f"{said}; the file has\n{listed}", hint)
            found += meant
        return list({(one.path, one.method): one for one in found}.values())

    def document(self, found: list[Found]) -> Node:
        """The operations as a document of OpenAPI 3.1, without a contract."""
        content = self.files.content
        paths: Node = {}
        taken: set[str] = set()
        names: dict[int, str] = {}
        for one in sorted(found, key=lambda one: not one.is_named):  # what the file says comes before what is made
            several = itertools.chain([one.id], (f"{one.id}{number}" for number in itertools.count(2)))
            taken.add(name := next(name for name in several if name not in taken))
            names[id(one)] = name
        for one in found:
            paths.setdefault(one.path, {})[one.method] = self._operation(one, names[id(one)])
        while self._rest:
            name, node, base = self._rest.pop(0)
            self.schemas[name] = self._schema(node, base, 0)
        info = content.get("info") if isinstance(content.get("info"), dict) else {}
        made: Node = {
            "openapi": "3.1.0",
            "info": {"title": str(info.get("title", "An API")), "version": str(info.get("version", "1.0.0"))},
        }
        made |= {"servers": content["servers"]} if content.get("servers") else {}
        components = {"schemas": self.schemas} | self._security(paths)
        return made | {"paths": paths, "components": {name: node for name, node in components.items() if node}}

    def _security(self, paths: Node) -> Node:
        """The schemes that the operations require."""
        operations = [node for item in paths.values() for node in item.values()]
        names = {name for node in operations for one in node.get("security", []) for name in one}
        schemes = self.files.content.get("components", {}).get("securitySchemes", {})
        taken = {name: self._inner(schemes[name], self.files.root) for name in schemes if name in names}
        return {"securitySchemes": taken}

    def _operation(self, found: Found, name: str) -> Node:
        node = {word: value for word, value in found.node.items() if word not in LEFT_OUT}
        parameters = [self._inner(one, found.at) for one in found.shared]
        parameters += [self._inner(one, found.base) for one in node.get("parameters", [])]
        security = node.get("security", self.files.content.get("security"))
        made = {"operationId": name} | {word: node[word] for word in ("summary", "description") if word in node}
        made |= {"security": security} if security else {}
        each = {(one.get("name"), one.get("in")): one for one in parameters}
        made |= {"parameters": list(each.values())} if parameters else {}
        rest = {word: node[word] for word in ("requestBody", "responses") if word in node}
        return made | {word: self._inner(value, found.base) for word, value in rest.items()}

    def _inner(self, node: Any, base: str, depth: int = 0) -> Any:
        """A node outside of schemas: what it refers to stands in its place."""
        self._bound(depth, base)
        node, base = self._followed(node, base) if isinstance(node, dict) else (node, base)
        if isinstance(node, list):
            return [self._inner(one, base, depth + 1) for one in node]
        if not isinstance(node, dict):
            return node
        made = {}
        for word, value in ((str(word), value) for word, value in node.items()):  # YAML reads 200 as a number
            if word == "schema":
                made[word] = self._schema(value, base, depth + 1)
            elif word in {"example", "value"} or word.startswith("x-"):
                made[word] = copy.deepcopy(value)
            elif word not in LEFT_OUT:
                made[word] = self._inner(value, base, depth + 1)
        return made

    def _schema(self, node: Any, base: str, depth: int) -> Any:
        """A schema: what it refers to becomes a component."""
        self._bound(depth, base)
        if not isinstance(node, dict):
            return node
        made = translated(node, self.is_old)
        if isinstance(reference := made.get("$ref"), str):
            made["$ref"] = f"#/components/schemas/{self._component(base, reference)}"
        if isinstance(mapping := made.get("discriminator"), dict) and isinstance(mapping.get("mapping"), dict):
            made["discriminator"] = {**mapping, "mapping": self._mapping(mapping["mapping"], base)}
        for word in (*ONE, *SEVERAL):
            if isinstance(value := made.get(word), list):
                made[word] = [self._schema(one, base, depth + 1) for one in value]
            elif word in made:
                made[word] = self._schema(value, base, depth + 1)
        for word in BY_NAME:
            if isinstance(value := made.get(word), dict):
                made[word] = {str(name): self._schema(one, base, depth + 1) for name, one in value.items()}
        return made

    def _mapping(self, mapping: Mapping[str, str], base: str) -> Node:
        """A discriminator's mapping; a plain name in it is that of a schema beside."""
        made = {}
        for word, value in mapping.items():
            reference = value if re.search(r"[/#.]", value) else f"#/components/schemas/{value}"
            made[word] = f"#/components/schemas/{self._component(base, reference)}"
        return made

    def _component(self, base: str, reference: str) -> str:
        """The name of the component that a `$ref` of a schema leads to; it is taken in where it is new."""
        address, node = self.files.find(base, reference)
        file, _, fragment = address.partition("#")
        key = f"{file}#{urllib.parse.unquote(fragment)}"
        if key not in self._names:
            stem = pathlib.PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(file).path)).stem
            word = urllib.parse.unquote(fragment).rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~") or stem
            word = re.sub(r"[^A-Za-z0-9._-]+", "_", word).strip("_.-") or "Schema"
            taken, name, number = set(self._names.values()), word, 1
            while name in taken:
                name, number = f"{word}{number + 1}", number + 1
            self._names[key] = name
            self.schemas[name] = {}
            self._rest.append((name, node, file))
        return self._names[key]

    def _followed(self, node: Any, base: str) -> tuple[Node, str]:
        """What a Reference Object leads to, and the address of its file."""
        seen: list[str] = []
        while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            address, node = self.files.find(base, reference)
            base = address.partition("#")[0]
            if address in seen:
                raise DocumentError(f"{shown(base)}: $ref leads back to itself: {reference}", "mend the $ref")
            seen.append(address)
        return (node if isinstance(node, dict) else {}), base

    def _bound(self, depth: int, base: str) -> None:
        self._written += 1
        if depth > DEEPEST or self._written > MOST:
            much = f"nested more than {DEEPEST} deep" if depth > DEEPEST else f"more than {MOST} entries"
            raise DocumentError(
                f"{shown(base)}: what the operations reach is too much: {much}", "take fewer operations"
            )
