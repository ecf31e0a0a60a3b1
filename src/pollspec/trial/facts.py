"""What a user says of his own data, as beliefs: judged as the vendor's own words are, with no doubt attached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pollspec.document import pointers
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Subject, Vendor
from pollspec.trial.identifiers import stages
from pollspec.trial.settings import Known, Settings

WORDS = "as the target file says"


def with_facts(vendor: Vendor, settings: Settings) -> Vendor:
    """The document with what is known of identifiers and logins; the settings name what is known as subjects, too."""
    subjects, beliefs = dict(vendor.subjects), list(vendor.beliefs)
    beliefs += [*_there(vendor, settings), *_accepted(vendor, settings)]
    for known in settings.known:
        path = (known.stage,) if known.stage else ()
        subjects[known.name] = Subject(known.name, WORDS, path, known.given)
        settings.subjects[known.name], settings.logins[known.name] = [known.given], [known.login]
        beliefs += _shown(vendor, known)
    return replace(vendor, subjects=subjects, beliefs=tuple(beliefs))


def _there(vendor: Vendor, settings: Settings) -> Iterator[Belief]:
    """What a subject's identifier names is there: asked about in vain, the others would stay untried without a word."""
    for name, subject in vendor.subjects.items():
        for operation in vendor.operations.values() if subject.path and name in settings.subjects else ():
            lifecycle = vendor.lifecycle_of(operation.id)
            stays = lifecycle is not None and lifecycle.stages[subject.path[-1]].kind != "gone"
            if stays and subject.path[-1] in stages(vendor, operation) and vendor.applies(subject, operation):
                claim = f"What the target file calls {name} is there."
                where = settings.places.get(name, "")
                yield _belief(vendor, operation, "accepts", name, claim, {"subject": name}, where)


def _accepted(vendor: Vendor, settings: Settings) -> Iterator[Belief]:
    """Each further login that is to be accepted is."""
    for login in settings.of_kind("accepted"):
        for operation in vendor.operations.values():
            if operation.secured and not operation.writes:
                claim = f"The login {login} is accepted."
                where = settings.places.get(login, "")
                yield _belief(vendor, operation, "accepts", f"login-{login}", claim, {"login": login}, where)


def _belief(
    vendor: Vendor, operation: Operation, keyword: str, name: str, claim: str, says: Mapping[str, Any], where: str = ""
) -> Belief:
    return Belief(vendor.slug, operation.id, keyword, name, claim, "source", WORDS, where, says)


def _shown(vendor: Vendor, known: Known) -> Iterator[Belief]:
    """A belief for each operation that can be asked about an identifier, and shows what is known of it."""
    taken = {belief.id for belief in vendor.beliefs}
    for operation in vendor.operations.values():
        shown = known.stage is None or known.stage in stages(vendor, operation)
        if operation.writes or not shown or not _takes(operation, known):
            continue
        name = known.name
        while f"{vendor.slug}/{pointers.token(operation.id)}/answers/{name}" in taken:
            name += "-as-told"
        expect = {f"$response.body#{pointer}": value for pointer, value in known.shows.items()}
        says = {"subject": known.name, "expect": expect, "told": True}
        says |= {"stages": [known.stage]} if known.stage else {}
        yield _belief(vendor, operation, "answers", name, _claim(known), says, known.where)


def _takes(operation: Operation, known: Known) -> bool:
    own = {parameter.expression for parameter in operation.parameters}
    return operation.required <= set(known.given) <= own


def _claim(known: Known) -> str:
    """What is said of an identifier, in a sentence."""
    said = [f"is {known.stage}"] if known.stage else []
    said += [f"shows {value!r} at {pointer}" for pointer, value in known.shows.items()]
    return f"{known.name} {' and '.join(said)}."
