"""A fleet file (TOML): many targets, with what they share. Each one is a target file of its own: `FILE#NAME`.

    [shared]            the entries of a target file, for all
    [targets.NAME]      the entries of a target file, for one: each takes the place of the shared one

Of a table (`limits`, `credentials`, ...) the entries are taken one by one; a `cert` is taken whole.
"""

from __future__ import annotations

import copy
import pathlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.errors import TargetFileError, nearest
from pollspec.trial.wire.entries import NAME
from pollspec.trial.wire.tomlfile import Place, TomlFile

SHARED, TARGETS = "shared", "targets"
WHOLE = ("cert",)
"""Tables of which a target's own takes the place of the shared one."""
EXAMPLE = '[targets.berlin] with base_url = "https://berlin.example"'


class FleetFile:
    """`targets`: the target file of each target, by its name, in the order of the fleet file."""

    def __init__(self, file: TomlFile) -> None:
        self.path, content = file.path, file.content
        for name in content:
            if name not in (SHARED, TARGETS):
                raise file.error((name,), "unknown entry {} in a fleet file", nearest(name, (SHARED, TARGETS)))
        shared, targets = content.get(SHARED, {}), content.get(TARGETS, {})
        for name, table in ((SHARED, shared), (TARGETS, targets), *((TARGETS, one) for one in _tables(targets))):
            if not isinstance(table, dict):
                raise file.error((name,), "{} is of another kind, expected a table", EXAMPLE)
        if not targets:
            raise TargetFileError(f"{file.path} has no target", EXAMPLE)
        for name in targets:
            if not re.match(NAME, name):
                raise file.error((TARGETS, name), "{} is no name: expected letters, digits, dots, dashes", EXAMPLE)
        self.targets = {name: _part(file, name, shared, own) for name, own in targets.items()}


def _tables(targets: Any) -> list[Any]:
    return list(targets.values()) if isinstance(targets, dict) else []


def fleet(path: str) -> FleetFile:
    """A fleet file, by its path."""
    return FleetFile(TomlFile(path, f"see docs/fleets.md for what {path} holds"))


def opened(path: str, hint: str) -> TomlFile:
    """A target file: a file of its own, or one target of a fleet file (`FILE#NAME`)."""
    file, _, name = path.rpartition("#")
    if file and not pathlib.Path(path).exists():
        found = fleet(file).targets
        if name not in found:
            raise TargetFileError(f"{file} has no target {name!r}", nearest(name, found))
        return found[name]
    read = TomlFile(path, hint)
    if isinstance(read.content.get(TARGETS), dict):
        first = next(iter(read.content[TARGETS]), "NAME")
        raise TargetFileError(f"{path} is a file of several targets", f"--targets {path}, or --target {path}#{first}")
    return read


def outline(file: TomlFile) -> TomlFile:
    """The same file, to be looked at where its secrets and certificates are not: no source, no other file is read."""
    made = copy.copy(file)
    made.reads, made.content = False, copy.deepcopy(file.content)
    made.content.pop("cert", None)
    for table in (made.content, *_credentials(made.content.get("credentials"))):
        table.pop("verify", None)
    return made


def _credentials(node: Any) -> Iterator[dict[str, Any]]:
    """Tables of how a client gets its token."""
    several = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for inner in several:
        yield from _credentials(inner)
        if isinstance(inner, dict) and isinstance(inner.get("oauth"), dict):
            yield inner["oauth"]


def _part(file: TomlFile, name: str, shared: Mapping[str, Any], own: Mapping[str, Any]) -> TomlFile:
    """One target as a target file, with the lines where its entries stand in the fleet file."""
    part = copy.copy(file)
    part.content = {**shared, **{entry: _over(shared.get(entry), value, entry) for entry, value in own.items()}}
    mine, theirs = (TARGETS, name), (SHARED,)
    taken = list(_taken(shared, own))
    part.lines = {
        place[1:]: line
        for place, line in file.lines.items()
        if place[:1] == theirs and len(place) > 1 and not any(place[1:][: len(one)] == one for one in taken)
    }
    part.lines |= {place[2:]: line for place, line in file.lines.items() if place[:2] == mine}
    return part


def _over(shared: Any, own: Any, entry: str) -> Any:
    """A target's entry, over the shared one."""
    merges = isinstance(shared, dict) and isinstance(own, dict) and entry not in WHOLE
    return {**shared, **own} if merges else own


def _taken(shared: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Place]:
    """The places at which a target's own entry takes the place of a shared one."""
    for entry, value in own.items():
        if isinstance(value, dict) and isinstance(shared.get(entry), dict) and entry not in WHOLE:
            yield from ((entry, inner) for inner in value)
        else:
            yield (entry,)
