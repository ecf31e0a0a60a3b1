"""What the operations of a document are likely to be to one another: which starts, which shows, in which states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pollspec.document.pointers import token
from pollspec.document.scaffold import words
from pollspec.document.scaffold.samples import Samples
from pollspec.document.schemas import Schemas
from pollspec.document.shapes import Property, as_node

Node = Mapping[str, Any]
DEEPEST = 3
"""Objects within one another in which a state, an identifier or a number is looked for."""
UNDER_WAY = "under-way"
"""The stage of what a boolean says is not over."""
MOST_STATES = 40
"""A list with more entries is none of states."""


@dataclass(frozen=True)
class Asked:
    """An operation, as guesses need it. `shows`: the schema of its JSON body of success, or None."""

    id: str
    method: str
    path: str
    node: Node
    shows: Any

    @classmethod
    def each(cls, content: Node) -> Iterator[Asked]:
        """Those of a document."""
        for path, item in content["paths"].items():
            for method, node in item.items():
                yield cls(node["operationId"], method, path, node, _shown(node))

    def parameters(self, place: str) -> list[str]:
        """The names of its parameters in a place."""
        return [one["name"] for one in self.node.get("parameters", []) if one["in"] == place]


def _shown(node: Node) -> Any:
    for status, response in node.get("responses", {}).items():
        if str(status).startswith("2"):
            for media, inner in response.get("content", {}).items():
                if "json" in media and "schema" in inner:
                    return inner["schema"]
    return None


@dataclass(frozen=True)
class State:
    """Where an answer says the state, and which there are. `why` it is likely.

    `error`: where it is a boolean, which says whether it is over: what is there besides if it has failed, and a sample.
    """

    pointer: str
    values: tuple[str, ...]
    why: str
    error: tuple[str, Any] | None = None

    @property
    def is_flag(self) -> bool:
        """Whether it is a boolean."""
        return self.values[0] == UNDER_WAY


class Guesses:
    """Guesses on a document."""

    def __init__(self, content: Node) -> None:
        self.content, self.schemas = content, Schemas(content)
        self.asked = list(Asked.each(content))

    def views(self) -> dict[str, State]:
        """The operations that show a state, each with it: those that read, and have the states of the likeliest one."""
        asked = [one for one in self.asked if one.method == "get"]
        found = {one.id: state for one in asked if (state := self._state(one.shows))}
        found = found or {one.id: state for one in asked if (state := self._flag(one.shows))}
        best = max(found.values(), key=lambda state: len(state.values), default=None)
        return {name: state for name, state in found.items() if best and state.values == best.values}

    def identity(self, one: Asked) -> list[str]:
        """What tells one instance from another in a request; nothing where it shows the latest."""
        paths = re.findall(r"\{([^{}]+)\}", one.path)
        query = [name for name in one.parameters("query") if words.likeness(name, words.IDENTIFIERS) is not None]
        required = {p["name"] for p in one.node.get("parameters", []) if p.get("required")}
        return [f"$request.path.{name}" for name in paths] or [
            f"$request.query.{name}" for name in query if name in required
        ][:1]

    def start(self, view: Asked) -> tuple[str, str, str] | None:
        """The operation that starts an instance, where its answer has the identifier, and where that is asked for.

        The answer has it in a property, or in a link to where it is asked for.
        """
        return self._handing_over(view) or self._leading(view)

    def _leading(self, view: Asked) -> tuple[str, str, str] | None:
        """A start whose answer has a header, or a property, that links to an instance."""
        shown = re.sub(r"\{([^{}]+)\}", r"{$request.path.\1}", view.path)
        for one in self._starting(view):
            if "{" in shown and (link := self._link(one)):
                return one.id, link, shown
        return None

    def _starting(self, view: Asked) -> list[Asked]:
        """The operations that may start what a view shows, first those of an address that its own begins with."""
        found = [one for one in self.asked if one.method in {"post", "put", "patch"}]
        return sorted(found, key=lambda one: not view.path.startswith(one.path))

    def _link(self, one: Asked) -> str | None:
        """The header of an accepted start, or the property of its answer, that is the address of what it started."""
        for status, response in one.node.get("responses", {}).items():
            for name in response.get("headers", {}) if str(status).startswith("2") else ():
                if words.words(name)[-1:] == ["location"] or words.words(name)[-2:] == ["async", "operation"]:
                    return f"$response.header.{name}"
        texts = (place for place, prop, _ in self._properties(one.shows) if self._words(prop).get("type") == "string")
        links = filter(words.is_link, texts)
        return next((f"$response.body#{pointer}" for pointer in links), None)

    def _handing_over(self, view: Asked) -> tuple[str, str, str] | None:
        """A start whose answer has the one part of an identity that its own address lacks."""
        asked = {text.rpartition(".")[2]: text for text in self.identity(view)}
        for one in self._starting(view):
            minted = sorted(set(asked) - set(re.findall(r"\{([^{}]+)\}", one.path)))
            if one.shows is None or len(minted) != 1:
                continue
            if pointer := self.identifier(one.shows, minted[0]):
                return one.id, f"$response.body#{pointer}", asked[minted[0]]
        return None

    def progress(self, one: Asked) -> tuple[str, int] | None:
        """A number that says how far something is, and the most that it comes to."""
        found = [
            (depth, likely, pointer, int(said.get("maximum", 100)))
            for pointer, prop, depth in self._properties(one.shows)
            if (said := self._words(prop)).get("type") in {"integer", "number"}
            and (likely := words.progress(prop.name)) is not None
        ]
        return min(found)[2:] if found else None

    def _state(self, schema: Any) -> State | None:
        found = []
        for pointer, prop, depth in self._properties(schema):
            values = self._values(prop)
            likely = words.likeness(prop.name, words.STATE)
            known = sum(bool(words.kind(value)) for value in values)
            if 2 <= len(values) <= MOST_STATES and (likely is not None or (2 * known > len(values) and known > 1)):
                rank = (depth, len(words.STATE) * 2 if likely is None else likely, pointer)
                why = f"a list of words, and {'its name' if likely is not None else 'what they mean'}"
                found.append((rank, State(pointer, values, why)))
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def _flag(self, schema: Any) -> State | None:
        """A boolean that says whether it is over; beside it an error, where there is one, says that it has failed."""
        found = list(self._properties(schema))
        for pointer, prop, _ in found:
            if self._words(prop).get("type") == "boolean" and words.words(prop.name)[-1:] in words.OVER:
                above = pointer.rpartition("/")[0]
                beside = next((one for one in found if one[0] in {f"{above}/error", f"{above}/failure"}), None)
                failed = () if beside is None else ("failed",)
                error = None if beside is None else (beside[0], Samples(self.content).of(beside[1].node))
                return State(pointer, (UNDER_WAY, "done", *failed), "a boolean, and its name", error)
        return None

    def identifier(self, schema: Any, parameter: str) -> str | None:
        """The property of an answer that a parameter asks for: of its name, or of the last word of it."""
        wanted = words.words(parameter)
        found = []
        for pointer, prop, depth in self._properties(schema):
            said = words.words(prop.name)
            kinds = self._words(prop).get("type", "string")
            if kinds in ("string", "integer") and (said == wanted or said == wanted[-1:] or said in (["id"], ["uuid"])):
                found.append((said != wanted, depth, pointer))
        return min(found)[2] if found else None

    def _properties(self, schema: Any) -> Iterator[tuple[str, Property, int]]:
        """The properties of an answer that are in no list: pointer, property, depth."""
        rest: list[tuple[Any, str, int]] = [(schema, "", 0)] if schema is not None else []
        while rest:
            node, above, depth = rest.pop(0)
            for prop in self.schemas.properties(as_node(node)):
                if re.fullmatch(r"[^\s{}*]+", prop.name):
                    pointer = f"{above}/{token(prop.name)}"
                    yield pointer, prop, depth
                    if depth + 1 < DEEPEST:
                        rest.append((prop.node, pointer, depth + 1))

    def _words(self, prop: Property) -> dict[str, Any]:
        """What a property's schema says, with what it is composed of; of several types the first that is not null."""
        found: dict[str, Any] = {}
        for layer in self.schemas.layers(prop.node, prop.id):
            found = {**layer.node, **found}
        kinds = found.get("type")
        if isinstance(kinds, list):
            found["type"] = next((kind for kind in kinds if kind != "null"), "null")
        return found

    def _values(self, prop: Property) -> tuple[str, ...]:
        """The words that a property may have, where there is a list of them."""
        said = self._words(prop)
        listed: Sequence[Any] = said.get("enum") or [
            as_node(one)["const"] for one in said.get("oneOf", []) if "const" in as_node(one)
        ]
        texts = [value for value in listed if isinstance(value, str) and value]
        return tuple(dict.fromkeys(texts)) if len(texts) >= sum(value is not None for value in listed) else ()


def stages(states: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    """A stage for each state: its kind, and the stages that may follow it.

    Ends are known by their words; where no word is one, the last state is. What waits comes first, then what is
    active, each in the order of the list; what pauses goes on.
    """
    kinds = {state: words.kind(state) or "active" for state in states}
    if not {"done", "failed", "gone"} & set(kinds.values()):
        kinds[states[-1]] = "done"
    way = [state for kind in ("waiting", "active") for state in states if kinds[state] == kind]
    ends = [state for state in states if kinds[state] in {"done", "failed", "gone"}]
    paused = [state for state in states if kinds[state] == "paused"]
    then = {state: [*way[place + 1 : place + 2], *paused, *ends] for place, state in enumerate(way)}
    then |= {state: [*[one for one in way if kinds[one] == "active"], *ends] for state in paused}
    return {state: (kinds[state], then.get(state, [])) for state in states}


def path(stages: Mapping[str, tuple[str, list[str]]], kind: str) -> list[str]:
    """A way through the stages to an end of a kind; empty where there is none."""
    end = next((state for state, (its, _) in stages.items() if its == kind), None)
    way = [state for k in ("waiting", "active") for state, (its, _) in stages.items() if its == k]
    return [*way, end] if end is not None else []
