"""Who plays for which identifier: the subjects of a document, under its test cards and under chosen ones."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import MISSING, Request
from pollspec.document.operations import Operation, Parameter
from pollspec.document.vendor import Subject, Vendor
from pollspec.errors import UsageError

Identity = tuple[str, ...]
HINT = "for example --card finished=task_id=abc"


class Casting:
    """The subjects that requests are about. `anyone`: the subject that an identifier plays which nobody knows."""

    def __init__(self, vendor: Vendor, anyone: str | None = None) -> None:
        self.vendor = vendor
        self.anyone = None if anyone is None else _found(vendor, anyone)
        if anyone and all(view is None or view.latest for view in map(vendor.view_of, vendor.operations)):
            raise UsageError(f"nothing identifies what {vendor.slug} shows, so that nobody is unknown", HINT)
        self.cards = {operation.id: list(self._cards(operation)) for operation in vendor.operations.values()}
        self.identifying = {
            name: [expressions.getter(text) for text in _asked(view.instance)]
            for name in vendor.operations
            if (view := vendor.view_of(name)) and not view.latest
        }
        for lifecycle in vendor.lifecycles.values():
            moving = [expressions.getter(text) for text in lifecycle.asked_by]
            self.identifying |= dict.fromkeys(lifecycle.moves if moving else (), moving)
        self.others = {operation.id: self._other(operation) for operation in vendor.operations.values()}

    def unknown(self, operation: str, request: Request, known: Collection[Identity]) -> Subject | None:
        """What a request is about that shows no card, and names an instance that is not known."""
        unknown = operation in self.identifying and self.identity(operation, request) not in known
        return self.others[operation] if unknown else None

    def card(self, operation: str, request: Request) -> Subject | None:
        """The subject whose card a request shows."""
        for subject, card in self.cards[operation]:
            if all(same(get(request, None), value) for get, value in card):
                return subject
        return None

    def identity(self, operation: str, request: Request) -> Identity:
        """What identifies the instance that a request is about."""
        return tuple(str(get(request, None)).casefold() for get in self.identifying[operation])

    def names(self, operation: str, request: Request) -> bool:
        """Whether a request has whatever identifies an instance."""
        return all(get(request, None) is not MISSING for get in self.identifying[operation])

    def minted(self, lifecycle: Lifecycle, request: Request, identifier: str | int) -> Identity:
        """The identity of what a start has begun: its new identifier, and whatever else the start was about."""
        assert lifecycle.start is not None
        view = next((view for view in lifecycle.views.values() if not view.latest), None)
        handed = lifecycle.start.places
        texts = _asked(view.instance) if view else handed
        parts = [identifier if text in handed else expressions.value(text, request) for text in texts]
        return tuple(str(part).casefold() for part in parts)

    def _cards(self, operation: Operation) -> Iterator[tuple[Subject, list[tuple[expressions.Getter, Any]]]]:
        for subject in self._applicable(operation):
            yield subject, [(expressions.getter(text), value) for text, value in subject.given.items()]

    def _applicable(self, operation: Operation) -> list[Subject]:
        return [subject for subject in self.vendor.subjects.values() if self.vendor.applies(subject, operation)]

    def _other(self, operation: Operation) -> Subject | None:
        """What an identifier plays that nobody knows: the subject that is wanted, else one that never was."""
        applicable = self._applicable(operation)
        if self.anyone in applicable:
            return self.anyone
        return next((subject for subject in applicable if not subject.path), None)


def _asked(texts: Iterable[str]) -> tuple[str, ...]:
    """Those expressions that a request says; the rest of an identity is told by the answer."""
    return tuple(text for text in texts if expressions.parse(text).side == "request")


def with_cards(vendor: Vendor, texts: Iterable[str]) -> Vendor:
    """A vendor whose subjects have further cards, each SUBJECT=PARAMETER=VALUE, beside those of the document.

    Several parameters of a subject make one card; the same one again begins another.
    """
    cards: list[tuple[Subject, dict[str, str]]] = []
    for text in texts:
        subject, parameter, value = _read(vendor, text)
        last = next((card for one, card in reversed(cards) if one is subject), None)
        if last is None or parameter in last:
            cards.append((subject, last := {}))
        last[parameter] = value
    found = dict(vendor.subjects)
    for subject, card in cards:
        given = {**subject.given, **card}
        taken = next((name for name, one in found.items() if _is_same(one, given)), None)
        if taken is not None:
            raise UsageError(f"--card gives {subject.name} what {taken} has", "choose an identifier of its own")
        found[f"{subject.name} ({', '.join(card.values())})"] = replace(subject, given=given)
    return replace(vendor, subjects=found) if cards else vendor


def _read(vendor: Vendor, text: str) -> tuple[Subject, str, str]:
    """A card's subject, the expression of its parameter, and the value; UsageError says what does not fit."""
    name, parted, rest = text.partition("=")
    parameter, again, value = rest.partition("=")
    if not (parted and again):
        raise UsageError(f"--card {text!r} is not SUBJECT=PARAMETER=VALUE", HINT)
    subject = _found(vendor, name)
    known = {expressions.parse(expression).name: expression for expression in subject.given}
    if parameter not in known:
        raise UsageError(f"nothing gives {name} a {parameter!r}", f"known: {', '.join(known)}")
    for operation in vendor.operations.values():
        for one in operation.parameters:
            if one.expression == known[parameter] and not vendor.fits(one.schema, value):
                raise UsageError(f"--card {text}: {value!r} does not fit {_words(vendor, one)}", HINT)
    return subject, known[parameter], value


def _words(vendor: Vendor, parameter: Parameter) -> str:
    """What a parameter's schema asserts."""
    schema = vendor.schemas.resolve(parameter.schema)[1]
    return json.dumps({word: said for word, said in schema.items() if word != "description" and word[:2] != "x-"})


def _found(vendor: Vendor, name: str) -> Subject:
    """A subject by its name; UsageError lists them."""
    if name not in vendor.subjects:
        raise UsageError(f"there is no subject {name!r}", f"known: {', '.join(vendor.subjects)}")
    return vendor.subjects[name]


def _is_same(subject: Subject, given: dict[str, Any]) -> bool:
    return set(subject.given) == set(given) and all(same(subject.given[text], value) for text, value in given.items())
