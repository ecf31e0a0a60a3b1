"""Two versions of a document: its beliefs, lifecycles, requests and answers, one against the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pollspec.document.diff import entries
from pollspec.document.diff.change import CLIENTS, SERVERS, Change, Direction, breaks
from pollspec.document.diff.schemas import Comparison, Difference, allowed, said
from pollspec.document.keywords import KEYWORDS
from pollspec.document.messages import MISSING
from pollspec.document.operations import Operation, Response
from pollspec.document.vendor import Belief, Vendor

Key = tuple[str, str, str]
"""Operation, keyword, name."""


class Diff:
    """What has changed from one version of a document to another."""

    def __init__(self, old: Vendor, new: Vendor) -> None:
        self.old, self.new = old, new
        self.schemas = Comparison(old.document.content, new.document.content)
        places = {(one.method, one.path): one.id for one in new.operations.values()}
        self.names = {
            one.id: one.id if one.id in new.operations else places.get((one.method, one.path), one.id)
            for one in old.operations.values()
        }
        """Operation -> what it is called in the new document."""

    def changes(self) -> list[Change]:
        """All of them, those that break somebody first; each once."""
        found = [*self._operations(), *self._lifecycles(), *self._beliefs()]
        if not found and self.old.document.content != self.new.document.content:
            found = [self._reworded("the document", "is worded otherwise")]
        return sorted(dict.fromkeys(found), key=lambda change: -change.level)

    def _operations(self) -> Iterator[Change]:
        if self.old.base_path != self.new.base_path:
            words = said(self.old.base_path, self.new.base_path)
            yield self._changed(Direction.CHANGED, "servers", f"the base path {words}", self.new.document.at("servers"))
        called = {name: one for one, name in self.names.items()}
        for name, operation in self.new.operations.items():
            if name not in called:
                yield Change("added", name, "an operation that servers must have", self._at(operation), (SERVERS,))
        for one, name in self.names.items():
            old = self.old.operations[one]
            if name not in self.new.operations:
                yield Change("dropped", one, "clients can no longer count on it", self._before(old), (CLIENTS,))
                continue
            new = self.new.operations[name]
            if name != one:
                yield Change("renamed", name, f"was {one}; ids of beliefs change with it", self._at(new))
            yield from self._requests(old, new)
            yield from self._answers(old, new)

    def _requests(self, old: Operation, new: Operation) -> Iterator[Change]:
        """What may be asked."""
        where = self._at(new)
        if (old.method, old.path) != (new.method, new.path):
            words = f"{old.method} {old.path} is now {new.method} {new.path}"
            yield self._changed(Direction.CHANGED, new.id, words, where)
        before, now = ({(p.place, p.name): p for p in one.parameters} for one in (old, new))
        for key in dict.fromkeys([*before, *now]):
            name = f"{new.id} {key[1]} ({key[0]})"
            if key not in now:
                yield Change("dropped", name, "a parameter that clients send", where, (CLIENTS,))
            elif key not in before:
                must = now[key].required
                yield Change(
                    "added", name, f"a {'required' if must else 'further'} parameter", where, (CLIENTS,) * must
                )
            else:
                if before[key].required != now[key].required:
                    way = Direction.TIGHTENED if now[key].required else Direction.LOOSENED
                    words = "required" if now[key].required else "no longer required"
                    yield self._changed(way, name, words, where, answers=False)
                found = self.schemas.of(before[key].schema, now[key].schema, name)
                yield from self._narrowed(found, where, answers=False)
        yield from self._media(old.bodies, new.bodies, f"{new.id} request", where, answers=False)

    def _media(
        self, old: Mapping[str, Any], new: Mapping[str, Any], name: str, where: str, answers: bool
    ) -> Iterator[Change]:
        """Media types with their schemas."""
        for media in dict.fromkeys([*old, *new]):
            if media not in old or media not in new:
                way = Direction.LOOSENED if media not in old else Direction.TIGHTENED
                words = f"{media} is {'documented now' if media not in old else 'no longer documented'}"
                yield self._changed(way, name, words, where, answers)
            else:
                one, other = (node[media] if answers else node[media]["schema"] for node in (old, new))
                yield from self._narrowed(self.schemas.of(one, other, f"{name} {media}"), where, answers)

    def _answers(self, old: Operation, new: Operation) -> Iterator[Change]:
        """What may be answered."""
        before, now = ({one.status: one for one in operation.responses} for operation in (old, new))
        for status in dict.fromkeys([*before, *now]):
            name = f"{new.id} {status}"
            if status in before and status in now:
                yield from self._response(before[status], now[status], name)
                continue
            given = now.get(status) or before[status]
            more = (status in now) is (status[0] in "23d")
            way = Direction.LOOSENED if more else Direction.TIGHTENED
            document = self.new.document if status in now else self.old.document
            words = "an answer that is documented now" if status in now else "an answer that is no longer documented"
            yield self._changed(way, name, words, document.at(*given.place))

    def _response(self, old: Response, new: Response, name: str) -> Iterator[Change]:
        where = self.new.document.at(*new.place)
        yield from self._media(old.media, new.media, name, where, answers=True)
        for header in dict.fromkeys([*old.headers, *new.headers]):
            one, other = (response.headers.get(header, {}) for response in (old, new))
            if bool(one.get("required")) != bool(other.get("required")):
                way = Direction.TIGHTENED if other.get("required") else Direction.LOOSENED
                words = "required" if other.get("required") else "no longer required"
                yield self._changed(way, f"{name} {header}", words, where)
            found = self.schemas.of(one.get("schema", True), other.get("schema", True), f"{name} {header}")
            yield from self._narrowed(found, where, answers=True)

    def _narrowed(self, found: Iterable[Difference], where: str, answers: bool) -> Iterator[Change]:
        for place, way, words in found:
            yield self._changed(way, place, words, self._schema_at(place) or where, answers)

    def _schema_at(self, place: str) -> str:
        """Where a component's schema stands, by the name that begins a place."""
        name, _, inner = place.partition(".")
        way = ("components", "schemas", name)
        known = way in self.new.document.lines
        return self.new.document.at(*way, "properties", inner.partition(".")[0]) if known else ""

    def _lifecycles(self) -> Iterator[Change]:
        one, other = (vendor.contract.get("lifecycles", {}) for vendor in (self.old, self.new))
        for name in dict.fromkeys([*one, *other]):
            place = ("x-contract", "lifecycles", name)
            if name not in one or name not in other:
                kind = "added" if name not in one else "dropped"
                document = self.new.document if name in other else self.old.document
                yield Change(kind, f"lifecycle {name}", "a lifecycle", document.at(*place))
            else:
                yield from self._stages(name, self._called(one[name]), other[name])

    def _stages(self, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        for stage in dict.fromkeys([*old["stages"], *new["stages"]]):
            place = ("x-contract", "lifecycles", name, "stages", stage)
            one, other = old["stages"].get(stage), new["stages"].get(stage)
            of = f"lifecycle {name}.{stage}"
            if one is None or other is None:
                way = Direction.LOOSENED if one is None else Direction.TIGHTENED
                words = "a stage that is documented now" if one is None else "a stage that is no longer documented"
                yield self._changed(way, of, words, (self.new if other else self.old).document.at(*place))
                continue
            for word in ("then", "kind", "states"):
                before, now = one.get(word, MISSING), other.get(word, MISSING)
                went = allowed(before, now) if word == "then" else Direction.CHANGED
                if before != now and went:
                    yield self._changed(went, of, f"{word}: {said(before, now)}", self.new.document.at(*place))
        for word in ("polls", "renews", "starts", "seen-by"):
            if (one := _unplayed(old.get(word, MISSING))) != (other := _unplayed(new.get(word, MISSING))):
                where = self.new.document.at("x-contract", "lifecycles", name, word)
                yield self._changed(Direction.CHANGED, f"lifecycle {name}", f"{word}: {said(one, other)}", where)

    def _beliefs(self) -> Iterator[Change]:
        before = {(self.names.get(b.operation, b.operation), b.keyword, b.name): b for b in self.old.beliefs}
        now = {(b.operation, b.keyword, b.name): b for b in self.new.beliefs}
        lost = {key: belief for key, belief in before.items() if key not in now}
        for key, belief in now.items():
            if key in before:
                yield from self._belief(_id(key), before[key], belief)
            elif match := self._renamed(key, belief, lost):
                del lost[match]
                yield Change("renamed", _id(key), f"was {_id(match)}", belief.where)
            else:
                must = not KEYWORDS[key[1]].derived and _fails(belief)
                words = f"{belief.grade}: {belief.claim}"
                yield Change("added", _id(key), words, belief.where, (SERVERS,) if must else ())
        for key, belief in lost.items():
            kept = not KEYWORDS[key[1]].derived and belief.grade == "source"
            yield Change("dropped", _id(key), belief.claim, belief.where, (CLIENTS,) if kept else ())

    def _renamed(self, key: Key, belief: Belief, lost: Mapping[Key, Belief]) -> Key | None:
        """What a new belief was called before, if it says the very same."""
        same = [
            other
            for other, before in lost.items()
            if other[:2] == key[:2] and belief.says and (belief.says, belief.words) == (before.says, before.words)
        ]
        return same[0] if len(same) == 1 else None

    def _belief(self, name: str, old: Belief, new: Belief) -> Iterator[Change]:
        if old.grade != new.grade:
            worse = (SERVERS,) if _fails(new) and not _fails(old) else ()
            yield Change("regraded", name, f"{old.grade} is now {new.grade}", new.where, worse)
        found = list(entries.differences(self.schemas, self._called(old.says), new.says))
        if found:
            way = entries.joint([way for way, _ in found])
            yield self._changed(way, name, "; ".join(words for _, words in found), new.where)
        elif old.says != new.says:
            yield Change("reworded", name, "is played or explained otherwise", new.where, is_told=True)
        if (old.claim, old.words) != (new.claim, new.words):
            word = "claim" if old.claim != new.claim else new.grade
            yield Change("reworded", name, f"its {word} is worded otherwise", new.where, is_told=True)

    def _called(self, says: Any) -> Any:
        """What a belief says, with operations by their new names."""
        if isinstance(says, Mapping):
            return {self.names.get(name, name): self._called(inner) for name, inner in says.items()}
        return self.names.get(says, says) if isinstance(says, str) else says

    def _changed(self, way: Direction, of: str, words: str, where: str, answers: bool = True) -> Change:
        return Change(str(way), of, words, where, breaks(way, answers))

    def _reworded(self, of: str, words: str) -> Change:
        return Change("reworded", of, words, self.new.document.path, is_told=True)

    def _at(self, operation: Operation) -> str:
        return self.new.document.at(*operation.place)

    def _before(self, operation: Operation) -> str:
        return self.old.document.at(*operation.place)


def _id(key: Key) -> str:
    return "/".join(key)


def _fails(belief: Belief) -> bool:
    """Whether a broken one fails a run that is not strict."""
    return belief.grade == "source" or KEYWORDS[belief.keyword].grave


def _unplayed(node: Any) -> Any:
    """What a lifecycle says without what a polite server plays."""
    if isinstance(node, Mapping):
        return {name: _unplayed(inner) for name, inner in node.items() if name not in ("plays", "example")}
    return node
