"""The entries of one belief in two versions of a document: whether it says more than before, or less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pollspec.document.conditions import as_schema, may_miss
from pollspec.document.diff.change import Direction
from pollspec.document.diff.schemas import Comparison, allowed, ordered, said, wanted
from pollspec.document.messages import MISSING

Compare = Callable[[Comparison, Any, Any], Direction | None]
PLAYED = ("plays", "despite")
"""Entries that a server of ours obeys, or that readers are told."""


def differences(schemas: Comparison, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Direction, str]]:
    """What has become of each entry, and in words."""
    for entry in dict.fromkeys([*old, *new]):
        one, other = old.get(entry, MISSING), new.get(entry, MISSING)
        if one != other and entry not in PLAYED:
            compare = ENTRIES.get(entry)
            way = compare(schemas, one, other) if compare else Direction.CHANGED
            if way:
                yield way, f"{entry}: {said(one, other)}"


def joint(ways: list[Direction]) -> Direction:
    """One direction of several."""
    return ways[0] if len(set(ways)) == 1 else Direction.CHANGED


def _condition(schemas: Comparison, old: Any, new: Any) -> Direction | None:
    """What must hold: each clause more tightens it."""
    if old is MISSING or new is MISSING:
        return Direction.TIGHTENED if old is MISSING else Direction.LOOSENED
    ways = []
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new:
            ways.append(Direction.TIGHTENED if name not in old else Direction.LOOSENED)
        elif isinstance(old[name], bool) or isinstance(new[name], bool):
            ways += [_presence(old[name], new[name])] if old[name] is not new[name] else []
        else:
            ways += [way for _, way, _ in schemas.of(as_schema(old[name]), as_schema(new[name]), "")]
            if may_miss(old[name]) is not may_miss(new[name]):
                ways.append(Direction.LOOSENED if may_miss(new[name]) else Direction.TIGHTENED)
    return joint(ways) if ways else None


def _presence(old: Any, new: Any) -> Direction:
    """`true` (it is there) is wider than any schema; `false` (it is not there) is another thing."""
    if False in (old, new) and (old is False or new is False):
        return Direction.CHANGED
    return Direction.TIGHTENED if old is True else Direction.LOOSENED


def _applies(schemas: Comparison, old: Any, new: Any) -> Direction | None:
    """When a belief holds: where that is more often, it says more. Left out, it is always."""
    if old is MISSING or new is MISSING:
        return Direction.LOOSENED if old is MISSING else Direction.TIGHTENED
    if isinstance(old, list) or isinstance(new, list):
        one, other = (several if isinstance(several, list) else [several] for several in (old, new))
        return wanted(one, other)
    return way.turned if (way := _condition(schemas, old, new)) else None


def _exempts(schemas: Comparison, old: Any, new: Any) -> Direction | None:
    """When a belief does not hold. Left out, that is never."""
    if old is MISSING or new is MISSING:
        return Direction.LOOSENED if old is MISSING else Direction.TIGHTENED
    if isinstance(old, list) or isinstance(new, list):
        one, other = (several if isinstance(several, list) else [several] for several in (old, new))
        return allowed(one, other)
    return _condition(schemas, old, new)


def _more_is(way: Direction, of_lists: Callable[[Any, Any], Direction | None]) -> Compare:
    """A list, or a word, that goes one way by being there."""

    def compare(schemas: Comparison, old: Any, new: Any) -> Direction | None:
        if old is MISSING or new is MISSING:
            return way if old is MISSING else way.turned
        return of_lists(old, new) if isinstance(old, list) and isinstance(new, list) else Direction.CHANGED

    return compare


def _at_most(schemas: Comparison, old: Any, new: Any) -> Direction | None:
    if old is MISSING or new is MISSING:
        return Direction.TIGHTENED if old is MISSING else Direction.LOOSENED
    return ordered(new <= old, new >= old)


ENTRIES: Mapping[str, Compare] = {
    "expect": _condition,
    "then": _condition,
    "shows": _condition,
    "when": _applies,
    "once": _applies,
    "unless": _exempts,
    "or": _more_is(Direction.LOOSENED, allowed),
    "arrives": _more_is(Direction.TIGHTENED, allowed),
    "from": _more_is(Direction.TIGHTENED, wanted),
    "values": _more_is(Direction.TIGHTENED, wanted),
    "mentions": _more_is(Direction.TIGHTENED, wanted),
    "complete": _more_is(Direction.TIGHTENED, wanted),
    "part": _more_is(Direction.LOOSENED, allowed),
    "waits-less-than": _at_most,
}
"""Entries of which it is known which way they go; any other has changed, one does not know how."""
