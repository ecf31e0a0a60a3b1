"""What can be varied in a request of one operation: a table of factors, each with its values.

They follow from the document and from what was supplied for the target, never from a vendor: about whom is asked, who
asks, and each thing that a belief sends. The first value of a factor is the neutral one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.document import projections
from pollspec.document.keywords import Provoked
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.exchange import NEARLY
from pollspec.trial.near import identifiers

Given = Mapping[str, Any]
"""Runtime expression of a request -> value; null leaves the thing out."""
WHOM, LOGIN, AGAIN = "whom", "login", "again"
TWICE, AFTER = "twice", "after it was accepted"


@dataclass(frozen=True)
class Value:
    """One value. `sets`: what it puts into the request; `subject`: whom it then asks about, if that is known.

    `company`: what its belief wants of the other factors, by their names, instead of what is neutral there. `alone`: it
    is tried in no other company.
    """

    label: str
    sets: Given = field(default_factory=dict)
    subject: str | None = None
    company: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False


@dataclass(frozen=True)
class Factor:
    """One thing that can be varied."""

    name: str
    values: tuple[Value, ...]

    def place(self, label: str) -> int:
        """Where a value stands; the neutral one's place where there is none of that label."""
        return next((index for index, value in enumerate(self.values) if value.label == label), 0)


@dataclass(frozen=True)
class Supplied:
    """What a target has for one operation: the subjects that may be asked about, and the logins with their kinds.

    `known`: every identifier that was supplied, whatever becomes of it.
    """

    subjects: Sequence[tuple[str, Given]]
    logins: Mapping[str, str]
    may_be_wrong: bool = True
    known: Sequence[Given] = ()


def factors(vendor: Vendor, operation: Operation, beliefs: Sequence[Belief], supplied: Supplied) -> list[Factor]:
    """The factors of an operation, as some beliefs and what was supplied have them."""
    signed = {text for headers in vendor.credentials.values() for text in headers}
    sent = list(_sent(vendor, beliefs, supplied, signed))
    identity = _identity(vendor, operation, supplied)
    whom = [_subject(vendor, name, given) for name, given in supplied.subjects]
    if not whom and not any(parameter.required for parameter in operation.parameters):
        whom = [Value("as it is")]
    for belief, sends in sent:
        if set(sends) & identity:
            whom += _altered(operation, belief, sends, whom, identity)
    whom += _nearly(vendor, operation, supplied)
    found = [Factor(WHOM, tuple(whom))] if whom else []
    found.append(Factor(LOGIN, tuple(_logins(beliefs, supplied))))
    found.append(Factor(AGAIN, (Value("once"), Value(TWICE), Value(AFTER))))
    others = [(belief.says.get("subject"), sends) for belief, sends in sent if sends and not set(sends) & identity]
    others += [(None, sends) for sends in ([] if operation.writes else variations(vendor, operation))]
    found += [_part(number, texts, others) for number, texts in enumerate(_apart(sends for _, sends in others))]
    return found


def variations(vendor: Vendor, operation: Operation) -> list[Given]:
    """What the document alone allows at each optional parameter: the values that it lists, and fields that it has."""
    found: list[Given] = []
    for parameter in vendor.optional(operation):
        schema = vendor.schemas.resolve(parameter.schema)[1]
        values = list(schema.get("enum", []))
        if parameter.expression in vendor.projections(operation.id) and operation.success:
            values += projections.samples(vendor.schemas, operation.success.schema)
        found += [{parameter.expression: value} for value in values]
    return found


def _sent(
    vendor: Vendor, beliefs: Sequence[Belief], supplied: Supplied, signed: set[str]
) -> Iterable[tuple[Belief, Given]]:
    """What beliefs send; a wrong login among it only where that is allowed."""
    for belief in beliefs:
        for sends in belief.says.get("sends", []):
            wrong = any(sends.get(text) is not None for text in signed)
            if supplied.may_be_wrong or not wrong:
                yield belief, sends


def _identity(vendor: Vendor, operation: Operation, supplied: Supplied) -> set[str]:
    """The expressions that say about whom is asked: those of subjects, and whatever must be there."""
    own = {parameter.expression for parameter in operation.parameters}
    given = {text for subject in vendor.subjects.values() for text in subject.given}
    needed = {parameter.expression for parameter in operation.parameters if parameter.required}
    return (given & own) | needed | {text for _, values in supplied.subjects for text in values}


def _subject(vendor: Vendor, name: str, given: Given) -> Value:
    """A subject to ask about; one that never was, twice: to be asked about makes nothing exist."""
    label = f"{name} {' '.join(map(str, given.values()))}".strip()
    return Value(label, given, name, company={} if vendor.subjects[name].path else {AGAIN: TWICE})


def _nearly(vendor: Vendor, operation: Operation, supplied: Supplied) -> list[Value]:
    """What is nearly the first identifier that is known, where an identifier is what an operation is asked by."""
    lifecycle = vendor.lifecycle_of(operation.id)
    view = lifecycle.views.get(operation.id) if lifecycle else None
    if view is None or view.latest:
        return []
    mine = [
        given for name, given in supplied.subjects if vendor.subjects[name].path and set(view.instance) <= set(given)
    ]
    near = identifiers(mine[0], supplied.known) if mine else []
    return [Value(f"nearly: {how}", sets, NEARLY, alone=True) for how, sets in near]


def _altered(
    operation: Operation, belief: Belief, sends: Given, whom: Sequence[Value], identity: set[str]
) -> list[Value]:
    """A subject asked about with something else in its identifier; none where the rest of it is lacking."""
    wanted = belief.says.get("subject")
    given = next((value.sets for value in whom if value.subject and wanted in {None, value.subject}), None)
    needed = {parameter.expression for parameter in operation.parameters if parameter.required}
    if given is None and (wanted or not needed <= set(sends)):
        return []
    sets = {**(given or {}), **sends}
    label = " ".join(f"{text.rpartition('.')[2]}={value}" for text, value in sends.items())
    return [Value(label, sets)] if all(value.sets != sets for value in whom) else []


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


def _part(number: int, texts: set[str], sent: Sequence[tuple[str | None, Given]]) -> Factor:
    """What is sent at some expressions: nothing, or what each belief sends there."""
    values = [Value("nothing")]
    for subject, sends in sent:
        if set(sends) & texts and all(value.sets != sends for value in values):
            company = {WHOM: subject} if subject else {}
            label = " ".join(f"{text.rpartition('.')[2]}={value}" for text, value in sends.items())
            values.append(Value(label, sends, company=company))
    return Factor(f"sends {number + 1}", tuple(values))


def provoking(vendor: Vendor, operation: str, beliefs: Sequence[Belief]) -> list[Belief]:
    """Those of some beliefs about an operation that want requests of their own."""
    chosen = {belief.id for belief in beliefs}
    return [belief for belief in vendor.provoked(operation, *Provoked) if belief.id in chosen]
