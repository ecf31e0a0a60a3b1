"""The identifiers of a target file, checked against the document: subjects, what is known to be shown, and variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pollspec.document import expressions
from pollspec.document.operations import Operation
from pollspec.document.vendor import Subject, Vendor
from pollspec.errors import nearest
from pollspec.trial.settings import Given, Known
from pollspec.trial.wire.entries import ONLY, Identifier, KnownIdentifier, TargetEntries
from pollspec.trial.wire.kinds import From
from pollspec.trial.wire.tomlfile import Place, TomlFile, key, toml

Names = Mapping[str, str]
"""A parameter's name in the file -> its expression."""


def needed(vendor: Vendor, subject: Subject) -> dict[str, str]:
    """The parameters that identify a subject; who asks is another matter."""
    return {expressions.parse(text).name: text for text in subject.given if text not in vendor.signing.places}


def parameters(vendor: Vendor, operation: Operation) -> dict[str, str]:
    """All parameters of an operation."""
    return {p.name: p.expression for p in operation.parameters if p.expression not in vendor.signing.places}


def identifying(vendor: Vendor, operation: Operation) -> dict[str, str]:
    """The parameters of an operation without which it asks about nothing in particular."""
    view = vendor.view_of(operation.id)
    instance = view.instance if view else ()
    known = parameters(vendor, operation).items()
    return {name: text for name, text in known if text in instance or text.startswith("$request.path.")}


def stages(vendor: Vendor, operation: Operation) -> list[str]:
    """The stages that the answers of an operation show."""
    lifecycle = vendor.lifecycle_of(operation.id)
    several = lifecycle.stages.items() if lifecycle else ()
    return [name for name, stage in several if operation.id in stage.states]


def fields(operation: Operation) -> dict[str, str]:
    """The fields of an operation's body, as the document's example has them."""
    names = operation.body if isinstance(operation.body, dict) else {}
    return {name: f"$request.body#{token(name)}" for name in names}


def token(name: str) -> str:
    """A name as the next step of a JSON pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


class Identifiers:
    """What a file says of identifiers. `kinds`: its credentials, and what kind each is."""

    def __init__(self, file: TomlFile, entries: TargetEntries, vendor: Vendor, kinds: Mapping[str, str]) -> None:
        self.file, self.entries, self.vendor = file, entries, vendor
        self.logins = [name for name, kind in kinds.items() if kind in {"default", "accepted"}]

    def subjects(self) -> dict[str, list[tuple[Given, str]]]:
        """Subject -> identifiers, each with the credential that asks about it."""
        found: dict[str, list[tuple[Given, str]]] = {}
        for name, several in self.entries.subjects.items():
            self.file.among(("subjects", name), name, self.vendor.subjects)
            single = not isinstance(self.file.content["subjects"][name], list)
            for number, one in enumerate(several):
                place: Place = ("subjects", name) if single else ("subjects", name, number)
                given = self._given(place, one, needed(self.vendor, self.vendor.subjects[name]))
                found.setdefault(name, []).append((given, self._login(place, one)))
        return found

    def known(self) -> list[Known]:
        """What identifiers show."""
        found: list[Known] = []
        taken = set(self.vendor.subjects)
        for number, one in enumerate(self.entries.known):
            place, name = ("known", number), one.name or f"known-{number + 1}"
            if name in taken:
                raise self.file.error((*place, "name"), f"{{}}: {name!r} is another's name", 'name = "my-own"')
            taken.add(name)
            if one.stage is None and not one.shows:
                hint = 'stage = "...", or shows = { "/field" = "value" }'
                raise self.file.error(place, "{} says nothing of what its answers show", hint)
            given, login = self._given(place, one, self._asked(place, one)), self._login(place, one)
            shows = {pointer: self._shown((*place, "shows", pointer), value) for pointer, value in one.shows.items()}
            found.append(Known(name, given, one.stage, shows, login, self.file.where(place)))
        return found

    def varied(self, section: str, given: Mapping[str, list[str | int | From]]) -> dict[str, list[Any]]:
        """Expression -> values, from the name of a parameter (or, where they are malformed, of a body's field)."""
        known: dict[str, set[str]] = {}
        for operation in self.vendor.operations.values():
            more = fields(operation) if section == "malformed" else {}
            for name, text in [*parameters(self.vendor, operation).items(), *more.items()]:
                known.setdefault(name, set()).add(text)
        found: dict[str, list[Any]] = {}
        for name, values in given.items():
            self.file.among((section, name), name, known)
            plain = [self.file.plain((section, name), value) for value in values]
            found |= dict.fromkeys(sorted(known[name]), plain)
        return found

    def _given(self, place: Place, one: Identifier, wanted: Names) -> Given:
        """An identifier by expressions. No error shows what was given: it may have come from a command."""
        values = one.values
        if set(values) == {ONLY} and len(wanted) == 1:
            values = dict.fromkeys(wanted, values[ONLY])
        if set(values) != set(wanted):
            given = ", ".join("one value" if name == ONLY else key(name) for name in values) or "nothing"
            example = toml(dict.fromkeys(wanted, "...")) if wanted else "true"
            hint = example.strip("{ }") if place[0] == "known" else f"{key(str(place[1]))} = {example}"
            raise self.file.error(place, f"{{}} gives {given}, expected {example}", hint)
        return {wanted[name]: self.file.plain((*place, name), value) for name, value in values.items()}

    def _login(self, place: Place, one: Identifier) -> str:
        if one.login is not None and one.login not in self.logins:
            text = f"{{}} is {one.login!r}, and no credential of that name is to be accepted"
            raise self.file.error((*place, "login"), text, nearest(one.login, self.logins))
        return one.login or "default"

    def _shown(self, place: Place, value: Any) -> Any:
        if not str(place[3]).startswith("/"):
            raise self.file.error(place, "{} is no JSON pointer", f'"/{place[3]}" = ...')
        if isinstance(value, dict):
            return {name: self._shown(place, inner) for name, inner in value.items()}
        return [self._shown(place, one) for one in value] if isinstance(value, list) else self.file.plain(place, value)

    def _asked(self, place: Place, one: KnownIdentifier) -> Names:
        """The parameters given, of an operation that takes these and shows the stage."""
        asking = [operation for operation in self.vendor.operations.values() if not operation.writes]
        every = {name for operation in asking for name in parameters(self.vendor, operation)}
        for name in one.values.keys() - {ONLY}:
            self.file.among((*place, name), name, every)
        fitting = [operation for operation in asking if self._takes(operation, one)]
        if not fitting:  # what is lacking is told by the operation that takes the most of it
            taking = [identifying(self.vendor, operation) for operation in asking]
            return max(taking, key=lambda wanted: len(wanted.keys() & one.values.keys()), default={})
        operation = self._showing(place, one.stage, fitting) if one.stage is not None else fitting[0]
        known = parameters(self.vendor, operation)
        return identifying(self.vendor, operation) | {name: known[name] for name in one.values.keys() - {ONLY}}

    def _showing(self, place: Place, stage: str, fitting: list[Operation]) -> Operation:
        shown = {name: operation for operation in reversed(fitting) for name in stages(self.vendor, operation)}
        if stage not in shown:
            text = f"{{}}: no answer to it shows a stage {stage!r}"
            raise self.file.error((*place, "stage"), text, nearest(stage, shown))
        return shown[stage]

    def _takes(self, operation: Operation, one: Identifier) -> bool:
        wanted, values = identifying(self.vendor, operation), set(one.values)
        if values == {ONLY}:
            return len(wanted) == 1
        return wanted.keys() <= values <= parameters(self.vendor, operation).keys()
