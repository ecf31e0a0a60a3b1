"""Two JSON Schemas compared word by word: which of them allows more, as far as the words themselves tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pollspec.document.conditions import show
from pollspec.document.diff.change import Direction
from pollspec.document.messages import MISSING
from pollspec.document.references import target

Difference = tuple[str, Direction, str]
"""Where (a place in a schema), which way, and what, in words."""
TOLD = ("title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly", "$comment")
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
INSIDE = ("items", "additionalProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "contains")
"""Words whose schema speaks of what is inside; left out, it is `true`."""
NOTHING = ("required", "uniqueItems", "minLength", "minItems", "minProperties")
"""Words that say nothing with an empty list, with false or with 0."""
NUMBERS = {"number", "integer"}


class Comparison:
    """Compares schemas of two documents, whose contents these are."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.old, self.new = old, new
        self._seen: set[tuple[int, int]] = set()

    def of(self, old: Any, new: Any, place: str) -> Iterator[Difference]:
        """The differences of two schemas; each pair of named ones is looked at once."""
        (old, _), (new, named) = self._named(self.old, old), self._named(self.new, new)
        place = named or place
        if old == new and not _refers(old):
            return
        if isinstance(old, bool) or isinstance(new, bool):
            yield from _whole(old, new, place)
            return
        if (pair := (id(old), id(new))) in self._seen:
            return
        self._seen.add(pair)
        old, new = _normal(old), _normal(new)
        for word in dict.fromkeys([*old, *new]):
            if word not in TOLD and not word.startswith("x-"):
                yield from self._word(word, old.get(word, MISSING), new.get(word, MISSING), place)

    def _named(self, content: Mapping[str, Any], node: Any) -> tuple[Any, str]:
        """A schema that a `$ref` alone names, and its name."""
        name, followed = "", set[str]()
        while isinstance(node, Mapping) and set(node) - set(TOLD) == {"$ref"} and node["$ref"] not in followed:
            followed.add(node["$ref"])
            name = str(node["$ref"]).rpartition("/")[2]
            node = target(content, node["$ref"])[0]
        return node, name

    def _word(self, word: str, old: Any, new: Any, place: str) -> Iterator[Difference]:
        if word in ("properties", "patternProperties", "dependentSchemas"):
            yield from self._members(word, old, new, place)
        elif word in INSIDE:
            old, new = (True if one is MISSING else one for one in (old, new))
            yield from self.of(old, new, f"{place}.{'*' if word == 'items' else word}")
        elif word == "not" and old is not MISSING and new is not MISSING:
            yield from ((at, way.turned, f"not: {says}") for at, way, says in self.of(old, new, place))
        elif word in ("allOf", "anyOf", "oneOf", "prefixItems") and old is not MISSING and new is not MISSING:
            yield from self._several(word, old, new, place)
        elif word == "$ref" and old is not MISSING and new is not MISSING:
            yield from self.of({"$ref": old}, {"$ref": new}, place)
        elif old != new and (way := _way(word, old, new)):
            yield place, way, f"{word} {said(old, new)}"

    def _members(self, word: str, old: Any, new: Any, place: str) -> Iterator[Difference]:
        """What is declared by name: what is new may be left out, and so allows no less that anybody sends."""
        old, new = (one if one is not MISSING else {} for one in (old, new))
        for name in dict.fromkeys([*old, *new]):
            if name not in new:
                yield f"{place}.{name}", Direction.LOOSENED, f"no longer in {word}"
            elif name in old:
                yield from self.of(old[name], new[name], f"{place}.{name}")

    def _several(self, word: str, old: Sequence[Any], new: Sequence[Any], place: str) -> Iterator[Difference]:
        """Schemas in a list: one that is there no more, or is new, or each against its counterpart."""
        if len(old) == len(new):
            for number, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from self.of(one, other, f"{place}.{number}" if word == "prefixItems" else place)
            return
        more = {"allOf": Direction.TIGHTENED, "anyOf": Direction.LOOSENED}.get(word, Direction.CHANGED)
        longer, shorter = (new, old) if len(new) > len(old) else (old, new)
        way = more if all(one in longer for one in shorter) else Direction.CHANGED
        yield place, way if longer is new else way.turned, f"{word} has {len(new)} schemas, before {len(old)}"


def _refers(node: Any) -> bool:
    """Whether there is any `$ref` in it, which may lead to something else than before."""
    several = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    return (isinstance(node, Mapping) and "$ref" in node) or any(_refers(inner) for inner in several)


def _whole(old: Any, new: Any, place: str) -> Iterator[Difference]:
    """Differences where one of the two is `true` or `false`; {} is as good as `true`."""
    old, new = (True if isinstance(one, Mapping) and not _normal(one) else one for one in (old, new))
    if old != new:
        yield place, Direction.TIGHTENED if old is True or new is False else Direction.LOOSENED, said(old, new)


def _normal(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema in which `const` is an `enum` of one, and what readers are told is left out."""
    said = {word: value for word, value in schema.items() if word not in TOLD and not word.startswith("x-")}
    made = {word: value for word, value in said.items() if word not in NOTHING or value not in (0, [])}
    if "const" in made and "enum" not in made:
        made["enum"] = [made.pop("const")]
    return made


def said(old: Any, new: Any) -> str:
    """What has become of a value, in words."""
    if old is MISSING:
        return f"{show(new)} is new"
    if new is MISSING:
        return f"{show(old)} is no longer said"
    if isinstance(old, list) and isinstance(new, list):
        added = [show(one) for one in new if one not in old]
        lost = [show(one) for one in old if one not in new]
        return " and ".join([f"has {', '.join(added)}"] * bool(added) + [f"has lost {', '.join(lost)}"] * bool(lost))
    return f"{show(old)} is now {show(new)}"


def _way(word: str, old: Any, new: Any) -> Direction | None:
    """Which way the set of values goes with one word; None where it stays."""
    if old is MISSING or new is MISSING:
        return Direction.TIGHTENED if old is MISSING else Direction.LOOSENED
    test = WORDS.get(word)
    return test(old, new) if test else Direction.CHANGED


def ordered(is_within: bool, is_around: bool) -> Direction | None:
    """A direction by whether all that is allowed now was allowed before, and the other way round."""
    if is_within == is_around:
        return None if is_within else Direction.CHANGED
    return Direction.TIGHTENED if is_within else Direction.LOOSENED


def allowed(old: Any, new: Any) -> Direction | None:
    """Of lists of what is allowed."""
    return ordered(all(one in old for one in new), all(one in new for one in old))


def wanted(old: Any, new: Any) -> Direction | None:
    """Of lists of what must be there."""
    return way.turned if (way := allowed(old, new)) else None


def _types(old: Any, new: Any) -> Direction | None:
    one, other = (set(types) if isinstance(types, list) else {types} for types in (old, new))
    one, other = (types | NUMBERS if "number" in types else types for types in (one, other))
    return ordered(other <= one, one <= other)


def _multiple(old: Any, new: Any) -> Direction | None:
    return ordered(new % old == 0, old % new == 0)


WORDS: Mapping[str, Callable[[Any, Any], Direction | None]] = {
    "type": _types,
    "enum": allowed,
    "required": wanted,
    "multipleOf": _multiple,
    "uniqueItems": lambda old, new: ordered(bool(new), bool(old)),
    **{word: lambda old, new: ordered(new > old, new < old) for word in LEAST},
    **{word: lambda old, new: ordered(new < old, new > old) for word in MOST},
}
"""What tells which way a word goes, where it was there before and is now."""
