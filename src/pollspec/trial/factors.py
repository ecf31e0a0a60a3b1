"""What can be varied in a request of one operation: a table of factors, each with its values.

They follow from the document and from what was supplied for the target, never from a vendor: about whom is asked, who
asks, and each thing that a belief sends. The first value of a factor is the neutral one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.document.allowed import options
from pollspec.document.keywords import KEYWORDS, Provoked
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.exchange import NEARLY
from pollspec.trial.near import identifiers

Given = Mapping[str, Any]
"""Runtime expression of a request -> value; null leaves the thing out."""
WHOM, LOGIN, AGAIN = "whom", "login", "again"
ACCEPTED = (Provoked.ANSWER, Provoked.SELECTION)
"""What requests that are to be accepted are for."""
UNHEARD_OF: Given = {"$request.query.pollspec_unheard_of": "1"}
"""A parameter that no document knows: whatever is answered, it contradicts nothing."""
AS_IT_IS = "as it is"
TWICE, AFTER = "twice", "after it was accepted"


@dataclass(frozen=True)
class Value:
    """One value. `sets`: what it puts into the request; `subject`: whom it then asks about, if that is known.

    `company`: what its belief wants of the other factors, by their names, instead of what is neutral there. `alone`: it
    is tried in no other company. `rests`: whom it asks about shows something. `welcome`: it may be sent about whoever
    does. `login`: who asks about it, unless somebody else is chosen.
    """

    label: str
    sets: Given = field(default_factory=dict)
    subject: str | None = None
    company: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False
    rests: bool = False
    welcome: bool = False
    login: str = "default"


@dataclass(frozen=True)
class Factor:
    """One thing that can be varied."""

    name: str
    values: tuple[Value, ...]

    def place(self, label: str) -> int:
        """Where a value stands; the neutral one's place where there is none of that label."""
        return next((index for index, value in enumerate(self.values) if value.label == label), 0)


@dataclass(frozen=True)
class Resting:
    """An identifier of a subject that may be asked about, and the login that asks."""

    name: str
    given: Given
    login: str = "default"


@dataclass(frozen=True)
class Supplied:
    """What a target has for one operation: the subjects that may be asked about, and the logins with their kinds.

    `known`: every identifier that was supplied, whatever becomes of it; `others`: values that an identifier may be
    altered to, by expression, of each sort; `every_way`: what no belief sends is sent as well; `examples`: the
    document's own may be sent, where an operation belongs to no lifecycle.
    """

    subjects: Sequence[Resting]
    logins: Mapping[str, str]
    may_be_wrong: bool = True
    known: Sequence[Given] = ()
    others: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    every_way: bool = True
    examples: bool = True


@dataclass(frozen=True)
class Sent:
    """What is sent beside an identifier; about which subject only, and whether it is to be accepted."""

    sends: Given
    subject: str | None = None
    welcome: bool = True


def factors(vendor: Vendor, operation: Operation, beliefs: Sequence[Belief], supplied: Supplied) -> list[Factor]:
    """The factors of an operation, as some beliefs and what was supplied have them."""
    sent = list(_sent(vendor, beliefs, supplied))
    identity = _identity(vendor, operation, supplied)
    others = _others(vendor, operation, sent, supplied, identity)
    whom = [_subject(vendor, operation, one, tempted=_has_options(others)) for one in supplied.subjects]
    exemplary = supplied.examples and vendor.lifecycle_of(operation.id) is None
    if not whom and (exemplary or not any(parameter.required for parameter in operation.parameters)):
        whom = [Value(AS_IT_IS)]
    for belief, sends in sent:
        if set(sends) & identity:
            whom += _altered(operation, belief, sends, whom, identity)
    whom += _nearly(vendor, operation, supplied)
    found = [Factor(WHOM, tuple(whom))] if whom else []
    found.append(Factor(LOGIN, tuple(_logins(beliefs, supplied))))
    found.append(Factor(AGAIN, (Value("once"),) if operation.writes else (Value("once"), Value(TWICE), Value(AFTER))))
    found += [_part(number, texts, others) for number, texts in enumerate(_apart(one.sends for one in others))]
    return found


def _others(
    vendor: Vendor,
    operation: Operation,
    sent: Iterable[tuple[Belief, Given]],
    supplied: Supplied,
    identity: set[str],
) -> list[Sent]:
    """What is sent beside an identifier: what beliefs send, and what the document alone allows."""
    found = [
        Sent(sends, belief.says.get("subject"), KEYWORDS[belief.keyword].provoked in ACCEPTED)
        for belief, sends in sent
        if sends and not set(sends) & identity
    ]
    if supplied.every_way and not operation.writes:
        found += [Sent(sends) for sends in (*options(vendor, operation), UNHEARD_OF)]
    return found


def _has_options(others: Iterable[Sent]) -> bool:
    """Whether something may be sent about whoever is asked about, that the document knows."""
    return any(one.welcome and one.subject is None and one.sends is not UNHEARD_OF for one in others)


def _sent(vendor: Vendor, beliefs: Sequence[Belief], supplied: Supplied) -> Iterable[tuple[Belief, Given]]:
    """What beliefs send; a wrong login among it only where that is allowed."""
    for belief in beliefs:
        for sends in belief.says.get("sends", []):
            wrong = any(sends.get(text) is not None for text in vendor.signing.places)
            if supplied.may_be_wrong or not wrong:
                yield belief, sends


def _identity(vendor: Vendor, operation: Operation, supplied: Supplied) -> set[str]:
    """The expressions that say about whom is asked: those of subjects, and whatever must be there."""
    own = {parameter.expression for parameter in operation.parameters}
    return (own & vendor.given) | operation.required | {text for one in supplied.subjects for text in one.given}


def _subject(vendor: Vendor, operation: Operation, one: Resting, tempted: bool) -> Value:
    """A subject to ask about; one that never was, twice, where it is not `tempted`: to be asked makes nothing exist."""
    label, path = f"{one.name} {' '.join(map(str, one.given.values()))}".strip(), vendor.subjects[one.name].path
    lifecycle = vendor.lifecycle_of(operation.id)
    rests = bool(path and lifecycle and operation.id in lifecycle.stages[path[-1]].states)
    company = {} if path or tempted else {AGAIN: TWICE}
    return Value(label, one.given, one.name, company=company, rests=rests, login=one.login)


def _nearly(vendor: Vendor, operation: Operation, supplied: Supplied) -> list[Value]:
    """What is nearly the first identifier that is known, where an identifier is what an operation is asked by."""
    view = vendor.view_of(operation.id)
    if view is None or view.latest:
        return []
    texts = set(view.asked_by)
    mine = [one for one in supplied.subjects if vendor.subjects[one.name].path and texts <= set(one.given)]
    if not mine:
        return []
    near = [(f"nearly: {how}", sets) for how, sets in identifiers(mine[0].given, supplied.known)]
    for sort, others in supplied.others.items():
        for text in texts & set(others):
            near += [(f"{sort}: {value}", {**mine[0].given, text: value}) for value in others[text]]
    return [Value(label, sets, NEARLY, alone=True, login=mine[0].login) for label, sets in near]


def _altered(
    operation: Operation, belief: Belief, sends: Given, whom: Sequence[Value], identity: set[str]
) -> list[Value]:
    """A subject asked about with something else in its identifier; none where the rest of it is lacking.

    So is every other one that rests, once, where the rest of its identifier makes another request of it.
    """
    wanted = belief.says.get("subject")
    known = [value for value in whom if value.subject or value.label == AS_IT_IS]
    given = next((value.sets for value in known if wanted in {None, value.subject}), None)
    if given is None and (wanted or not operation.required <= set(sends)):
        return []
    label, found = _label(sends), [Value(_label(sends), {**(given or {}), **sends})]
    for value in known:
        if value.subject and value.rests and all(one.sets != {**value.sets, **sends} for one in found):
            found.append(Value(f"{label} ({value.label})", {**value.sets, **sends}, alone=True, login=value.login))
    return [value for value in found if all(one.sets != value.sets for one in whom)]


def _label(sends: Given) -> str:
    return " ".join(f"{text.rpartition('.')[2]}={value}" for text, value in sends.items())


def _logins(beliefs: Sequence[Belief], supplied: Supplied) -> Iterable[Value]:
    """The credentials that were supplied, and those that a belief speaks of; a wrong one alone."""
    yield Value("default")
    wanted = {belief.says.get("credential", "default") for belief in beliefs}
    for name, kind in {**supplied.logins, "none": "none"}.items():
        mine = [b.says["subject"] for b in beliefs if b.says.get("credential") == kind and "subject" in b.says]
        wrong = kind == "invalid"
        if name != "default" and kind in wanted | {"default"} and (supplied.may_be_wrong or not wrong):
            after = {} if kind == "default" else {AGAIN: AFTER}
            yield Value(name, company={**after, **({WHOM: mine[0]} if mine else {})}, alone=wrong)


def _apart(sent: Iterable[Given]) -> list[set[str]]:
    """The expressions that are sent, in groups that nothing sent together joins."""
    groups: list[set[str]] = []
    for sends in sent:
        joined = set(sends).union(*(group for group in groups if group & set(sends)))
        groups = [group for group in groups if not group & set(sends)]
        groups.append(joined)
    return groups


def _part(number: int, texts: set[str], sent: Sequence[Sent]) -> Factor:
    """What is sent at some expressions: nothing, or what each belief sends there."""
    values = [Value("nothing")]
    for one in sent:
        if set(one.sends) & texts and all(value.sets != one.sends for value in values):
            company = {WHOM: one.subject} if one.subject else {}
            values.append(Value(_label(one.sends), one.sends, company=company, welcome=one.welcome and not one.subject))
    return Factor(f"sends {number + 1}", tuple(values))


def provoking(vendor: Vendor, operation: str, beliefs: Sequence[Belief]) -> list[Belief]:
    """Those of some beliefs about an operation that want requests of their own."""
    chosen = {belief.id for belief in beliefs}
    return [belief for belief in vendor.provoked(operation, *Provoked) if belief.id in chosen]
