"""A document with everything renamed that a vendor could have called otherwise, and nothing else changed.

Renamed are fields, states, stages, subjects, schemas, operations, paths and parameters, wherever they stand: in
schemas, examples, pointers, expressions and templates. HTTP's own words stay (Accept, Authorization, Location), and so
do the names of beliefs, responses and examples, by which two documents are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pollspec.document import loader, pointers
from pollspec.document.operations import METHODS
from pollspec.document.source import Document
from pollspec.document.vendor import Vendor

HTTP = {"Accept", "Authorization", "Content-Type", "Location"}
Words = dict[str, str]


def renamed(vendor: Vendor) -> tuple[Vendor, Callable[[str], str]]:
    """The view of the renamed document, and how a belief's id is renamed."""
    renaming = _Renaming(vendor)
    slug = f"{vendor.slug}_renamed"
    document = Document(slug, f"{slug}.yaml", renaming.document(vendor.document.content))
    return loader.view(document), lambda belief: renaming.belief(belief, slug)


class _Renaming:
    def __init__(self, vendor: Vendor) -> None:
        content = vendor.document.content
        schemas = content["components"]["schemas"]
        parameters = [p for o in vendor.operations.values() for p in o.parameters]
        signed = [name for s in content["components"].get("securitySchemes", {}).values() if (name := s.get("name"))]
        paths = [*content["paths"], vendor.base_path]
        lifecycles = content["x-contract"]["lifecycles"].values()
        self.fields = _words({name for schema in schemas.values() for name in _fields(schema)})
        self.schemas = _words(schemas)
        self.operations = _words(vendor.operations)
        self.parameters = _words(({p.name for p in parameters} | set(signed)) - HTTP)
        self.segments = _words({part for path in paths for part in path.split("/") if part and "{" not in part})
        self.stages = _words({stage for lifecycle in lifecycles for stage in lifecycle["stages"]})
        self.subjects = _words(content["x-contract"]["subjects"])
        self.states = {state: f"z{state}q" for state in _states(vendor)}
        self.projections = {b.says["parameter"] for b in vendor.beliefs if b.keyword == "selects"}

    def belief(self, belief: str, slug: str) -> str:
        """A belief's id as it is in the renamed document."""
        _, operation, keyword, name = belief.split("/")
        if keyword == "schema":
            name = ".".join(self.schemas.get(part, self.fields.get(part, part)) for part in name.split("."))
        return f"{slug}/{self.operations[operation]}/{keyword}/{name}"

    # texts

    def pointer(self, text: str) -> str:
        return "/".join(self.fields.get(token, token) for token in text.split("/"))

    def expression(self, text: str) -> str:
        if match := re.fullmatch(r"(\$(?:request|response)\.(?:path|query|header)\.)(.+)", text):
            return match[1] + self.parameters.get(match[2], match[2])
        head, mark, pointer = text.partition("#")
        return head + mark + self.pointer(pointer)

    def path(self, text: str) -> str:
        parts = re.split(r"(\{[^{}]*\}|/)", text)
        return "".join(self._part(part) for part in parts)

    def _part(self, part: str) -> str:
        if part.startswith("{$"):
            return "{" + self.expression(part[1:-1]) + "}"
        if part.startswith("{"):
            return "{" + self.parameters.get(part[1:-1], part[1:-1]) + "}"
        return self.segments.get(part, part)

    def text(self, text: str) -> str:
        """Any text: a state, an expression, or words of which some are paths."""
        if text in self.states:
            return self.states[text]
        if text.startswith("$"):
            return self.expression(text)
        return " ".join(self.path(word) if word.startswith(("/", "https://")) else word for word in text.split(" "))

    def value(self, value: Any) -> Any:
        """Data of an example."""
        if isinstance(value, dict):
            return {self.fields.get(name, name): self.value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def reference(self, text: str) -> str:
        head, _, name = text.rpartition("/")
        return f"{head}/{self.schemas.get(name, name)}" if head.endswith("schemas") else text

    # OpenAPI

    def schema(self, node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        return {word: self._schema_word(word, inner) for word, inner in node.items()}

    def _schema_word(self, word: str, inner: Any) -> Any:
        if word == "properties":
            return {self.fields[name]: self.schema(schema) for name, schema in inner.items()}
        if word in {"items", "additionalProperties", "not"}:
            return self.schema(inner)
        if word in {"anyOf", "oneOf", "allOf"}:
            return [self.schema(branch) for branch in inner]
        if word == "required":
            return [self.fields.get(name, name) for name in inner]
        if word in {"enum", "const", "examples", "default"}:
            return self.value(inner)
        if word == "pattern":
            return self.text(inner)
        return self.reference(inner) if word == "$ref" else inner

    def media(self, content: Any) -> Any:
        return {media: {**inner, "schema": self.schema(inner["schema"])} for media, inner in content.items()}

    def response(self, node: Any) -> Any:
        changed = dict(node)
        if "content" in node:
            changed["content"] = self.media(node["content"])
        changed.pop("links", None)
        return changed

    def parameter(self, node: Any) -> Any:
        if "$ref" in node:
            return node
        return {**node, "name": self.parameters.get(node["name"], node["name"]), "schema": self.schema(node["schema"])}

    def operation(self, node: Any) -> Any:
        changed = {**node, "operationId": self.operations[node["operationId"]]}
        changed["parameters"] = [self.parameter(parameter) for parameter in node.get("parameters", [])]
        changed["responses"] = {status: self.response(inner) for status, inner in node["responses"].items()}
        if "requestBody" in node:
            changed["requestBody"] = {**node["requestBody"], "content": self.media(node["requestBody"]["content"])}
        changed["x-contract"] = {
            keyword: {name: self.says(keyword, belief) for name, belief in named.items()}
            for keyword, named in node.get("x-contract", {}).items()
        }
        return changed

    def document(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The whole document."""
        components = dict(content["components"])
        components["schemas"] = {self.schemas[n]: self.schema(s) for n, s in components["schemas"].items()}
        components["responses"] = {n: self.response(r) for n, r in components.get("responses", {}).items()}
        components["parameters"] = {n: self.parameter(p) for n, p in components.get("parameters", {}).items()}
        components["examples"] = {n: {"value": self.value(e["value"])} for n, e in components["examples"].items()}
        schemes = components.get("securitySchemes", {}).items()
        components["securitySchemes"] = {
            n: {**s, "name": self.parameters.get(s["name"], s["name"])} if "name" in s else s for n, s in schemes
        }
        server = content["servers"][0]
        scheme, _, rest = server["url"].partition("://")
        host, mark, base = rest.partition("/")
        paths = {
            self.path(path): {m: self.operation(item[m]) for m in METHODS if m in item}
            for path, item in content["paths"].items()
        }
        changed = {
            **content,
            "servers": [{**server, "url": f"{scheme}://{host}{self.path(mark + base)}"}],
            "paths": paths,
        }
        return changed | {"components": components, "x-contract": self.contract(content["x-contract"])}

    # x-contract

    def given(self, node: Mapping[str, Any]) -> dict[str, Any]:
        changed = {}
        for text, value in node.items():
            if text in self.projections and isinstance(value, str):
                value = re.sub(r"\w+", lambda word: self.fields.get(word[0], word[0]), value)
            changed[self.expression(text)] = value
        return changed

    def clause(self, clause: Any) -> Any:
        if isinstance(clause, dict) and set(clause) == {"absent-or"}:
            return {"absent-or": self.clause(clause["absent-or"])}
        return self.schema(clause) if isinstance(clause, dict) else self.value(clause)

    def condition(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.condition(one) for one in node]
        return {self.expression(text): self.clause(clause) for text, clause in node.items()}

    def plays(self, node: Mapping[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for key, value in node.items():
            whole = isinstance(value, dict) and set(value) in ({"ramp"}, {"later"}, {"absent"})
            changed[self.pointer(key) if key.startswith("/") else key] = value if whole else self.value(value)
        return changed

    def says(self, keyword: str, node: Mapping[str, Any]) -> dict[str, Any]:
        """A belief."""
        return {word: self._said(keyword, word, inner) for word, inner in node.items()}

    def _said(self, keyword: str, word: str, inner: Any) -> Any:
        if word in {"when", "expect", "then", "shows", "unless", "once"}:
            return self.condition(inner)
        if word == "or":
            return [self.says(keyword, one) for one in inner]
        if word == "sends":
            return [self.given(one) for one in inner]
        if word in {"from", "arrives"}:
            return [self.stages[stage] for stage in inner]
        if word == "values":
            return [self._place(text) for text in inner]
        if word == "each":
            return {"in": self.expression(inner["in"]), "by": self.pointer(inner["by"])}
        if word == "where":
            return {self.pointer(pointer): self.clause(clause) for pointer, clause in inner.items()}
        if word == "plays":
            return self.plays(inner)
        if word in {"to", "with"}:
            return self.operations[inner]
        if word == "subject":
            return self.subjects[inner]
        if word == "of":
            return self.text(inner) if keyword == "echoes" else inner
        return (
            self._place(inner)
            if word in {"value", "limit", "items", "by", "whole", "plus", "at-most", "gives", "field", "parameter"}
            else inner
        )

    def _place(self, text: str) -> str:
        return self.pointer(text) if text.startswith("/") else self.expression(text)

    def contract(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """The document's own x-contract."""
        subjects = {
            self.subjects[name]: {
                **subject,
                "path": [self.stages[stage] for stage in subject["path"]],
                "given": self.given(subject.get("given", {})),
                "starts-with": self.given(subject.get("starts-with", {})),
            }
            for name, subject in node["subjects"].items()
        }
        lifecycles = {name: self.lifecycle(lifecycle) for name, lifecycle in node["lifecycles"].items()}
        credentials = {name: self.given(headers) for name, headers in node.get("credentials", {}).items()}
        return {"credentials": credentials, "lifecycles": lifecycles, "subjects": subjects}

    def lifecycle(self, node: Mapping[str, Any]) -> dict[str, Any]:
        changed = dict(node)
        if starts := node.get("starts"):
            changed["starts"] = {
                "operation": self.operations[starts["operation"]],
                "mints": {self.expression(text): self.expression(to) for text, to in starts["mints"].items()},
                "plays": self.plays(starts.get("plays", {})),
            }
        changed["seen-by"] = {self.operations[name]: self.view(view) for name, view in node["seen-by"].items()}
        changed["stages"] = {self.stages[name]: self.stage(stage) for name, stage in node["stages"].items()}
        return changed

    def view(self, node: Mapping[str, Any]) -> dict[str, Any]:
        instance = node["instance"]
        if instance != "latest":
            instance = [self.expression(text) for text in _several(instance)]
        reason = [self.expression(text) for text in _several(node.get("reason", []))]
        return {
            **node,
            "instance": instance,
            "state": self.expression(node["state"]),
            **({"reason": reason} if reason else {}),
            "plays": self.plays(node.get("plays", {})),
        }

    def stage(self, node: Mapping[str, Any]) -> dict[str, Any]:
        changed = {**node, "then": [self.stages[stage] for stage in node["then"]]}
        changed["states"] = {self.operations[name]: self.state(state) for name, state in node.get("states", {}).items()}
        changed["plays"] = {self.operations[name]: self.plays(plays) for name, plays in node.get("plays", {}).items()}
        return changed

    def state(self, state: Any) -> Any:
        if isinstance(state, dict):
            return {"where": self.condition(state["where"])} if "where" in state else state
        return self.value(state)


def _words(names: Any) -> Words:
    """Each name as another that has nothing in common with it but its characters."""
    return {name: f"{name[::-1].strip('-_.')}Q" for name in names}


def _several(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [node]


def _fields(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for word, inner in node.items():
            if word == "properties" and isinstance(inner, dict):
                yield from inner
                for schema in inner.values():
                    yield from _fields(schema)
            elif word in {"items", "additionalProperties", "anyOf", "oneOf", "allOf"}:
                yield from _fields(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _fields(inner)


def _states(vendor: Vendor) -> Iterator[str]:
    """Every state that a stage shows or plays, and every other that the schema of a state lists."""
    for lifecycle in vendor.lifecycles.values():
        for view in lifecycle.views.values():
            pointer = view.state.partition("#")[2]
            success = vendor.operations[view.operation].success
            assert success is not None
            found = vendor.schemas.at(success.schema, pointers.tokens(pointer))
            assert found is not None
            yield from vendor.schemas.resolve(found.node)[1].get("enum", [])
            for stage in lifecycle.stages.values():
                shown = stage.states.get(view.operation, stage.plays.get(view.operation, {}).get(pointer))
                yield from [s for s in (shown if isinstance(shown, list) else [shown]) if isinstance(s, str)]
