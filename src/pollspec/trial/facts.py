"""What a user says of his own data, as beliefs: judged as the vendor's own words are, with no doubt attached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Subject, Vendor
from pollspec.trial.identifiers import stages
from pollspec.trial.settings import Known, Settings

WORDS = "as the target file says"


def told(vendor: Vendor, settings: Settings) -> Vendor:
    """The document with a subject for each known identifier, and what it shows; the settings name it as well."""
    subjects, beliefs = dict(vendor.subjects), list(vendor.beliefs)
    for known in settings.known:
        path = (known.stage,) if known.stage else ()
        subjects[known.name] = Subject(known.name, WORDS, path, known.given)
        settings.subjects[known.name], settings.logins[known.name] = [known.given], [known.login]
    for known in settings.known:
        beliefs += _shown(vendor, known)
    return replace(vendor, subjects=subjects, beliefs=tuple(beliefs)) if settings.known else vendor


def _shown(vendor: Vendor, known: Known) -> Iterator[Belief]:
    """A belief for each operation that can be asked about an identifier, and shows what is known of it."""
    taken = {belief.id for belief in vendor.beliefs}
    for operation in vendor.operations.values():
        shown = known.stage is None or known.stage in stages(vendor, operation)
        if operation.writes or not shown or not _takes(operation, known):
            continue
        name = known.name
        while f"{vendor.slug}/{operation.id}/answers/{name}" in taken:
            name += "-as-told"
        expect = {f"$response.body#{pointer}": value for pointer, value in known.shows.items()}
        says = {"subject": known.name, "expect": expect, "told": True}
        says |= {"stages": [known.stage]} if known.stage else {}
        yield Belief(vendor.slug, operation.id, "answers", name, _claim(known), "source", WORDS, known.where, says)


def _takes(operation: Operation, known: Known) -> bool:
    own = {parameter.expression for parameter in operation.parameters}
    needed = {parameter.expression for parameter in operation.parameters if parameter.required}
    return needed <= set(known.given) <= own


def _claim(known: Known) -> str:
    """What is said of an identifier, in a sentence."""
    said = [f"is {known.stage}"] if known.stage else []
    said += [f"shows {value!r} at {pointer}" for pointer, value in known.shows.items()]
    return f"{known.name} {' and '.join(said)}."
