"""The traits of each keyword, in one table: everybody who asks what a belief speaks of reads them here.

A keyword is judged in `judge/keywords/STEM.py` (STEM: its name in snake_case), and has its faults in
`servers/faults/STEM.py`, its entries in `contract.schema.json`, its words in `spec/README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

GRADES = ("source", "observed", "implied")
"""What a belief rests on: the vendor's own words, what its clients show, our reading."""


Strict = bool | str
"""Which deviations fail a run: none, all, or those of one grade, by its name."""


class Scope(StrEnum):
    """How much a belief looks at."""

    DOCUMENT = "document"
    """The document alone; no traffic keeps or breaks it."""
    EXCHANGE = "exchange"
    """One request and its answer."""
    LINE = "line"
    """The answers of one operation about one instance."""
    INSTANCE = "instance"
    """All that was asked about one instance, by any operation."""
    RUN = "run"
    """All that was asked."""


class Role(StrEnum):
    """What a keyword's entry names."""

    SUBJECT = "subject"
    CREDENTIAL = "credential"
    OPERATION = "operation"
    LIFECYCLE = "lifecycle"
    STAGE = "stage"
    SECRET = "secret"
    """An expression: what is sent there comes back nowhere."""
    PROJECTION = "projection"
    """An expression: the parameter that selects what the answer holds."""
    GROWING = "growing"
    """An expression: its value does not go back."""
    PART = "part"
    WHOLE = "whole"
    """Expressions of two values, the one of which is at most the other."""


class Provoked(StrEnum):
    """What the requests that a belief `sends` are for."""

    ANSWER = "answer"
    REFUSAL = "refusal"
    SELECTION = "selection"


@dataclass(frozen=True)
class Keyword:
    """One row. `entries`: what its entries name; `derived`: it is one of OpenAPI's own words, not of x-contract.

    `follows`: it is judged along an instance, so that a lifecycle must show one. `wants`: what to supply where nothing
    showed a belief of it, and the belief itself does not say. `grave`: to break it fails a run, whatever its grade.
    `at_once`: it wants two things asked about at the same moment.
    """

    name: str
    scope: Scope
    entries: Mapping[str, Role] = field(default_factory=dict)
    provoked: Provoked | None = None
    derived: bool = False
    follows: bool = False
    grave: bool = False
    at_once: bool = False
    wants: str = "a subject whose answer shows it"

    @property
    def stem(self) -> str:
        """The name of its modules."""
        return self.name.replace("-", "_")


TO_ITS_END = "a subject that runs to its end"
ANY = "any subject that ends"
STARTED = f"{TO_ITS_END}, or allow_writes"
SELECTED = {"parameter": Role.PROJECTION, "subject": Role.SUBJECT}
ASKED = {"subject": Role.SUBJECT, "credential": Role.CREDENTIAL}

KEYWORDS: dict[str, Keyword] = {
    row.name: row
    for row in (
        Keyword("status", Scope.EXCHANGE, derived=True),
        Keyword("response", Scope.EXCHANGE, derived=True),
        Keyword("header", Scope.EXCHANGE, derived=True),
        Keyword("schema", Scope.EXCHANGE, derived=True),
        Keyword("sample", Scope.DOCUMENT, derived=True),
        Keyword("accepts", Scope.INSTANCE, derived=True),
        Keyword("alike", Scope.INSTANCE, derived=True, at_once=True, wants="a subject that is asked about in two ways"),
        Keyword("tells-apart", Scope.EXCHANGE, derived=True, wants="a subject whose identifier can be altered"),
        Keyword("leads", Scope.EXCHANGE, derived=True, wants="a subject whose answer has the link"),
        Keyword("answers", Scope.INSTANCE, ASKED, Provoked.ANSWER, wants=ANY),
        Keyword("refuses", Scope.EXCHANGE, ASKED, Provoked.REFUSAL, wants=ANY),
        Keyword("selects", Scope.LINE, SELECTED, Provoked.SELECTION, wants=ANY),
        Keyword("keeps-secret", Scope.RUN, {"field": Role.SECRET}, grave=True),
        Keyword("echoes", Scope.INSTANCE),
        Keyword("at-most", Scope.EXCHANGE, {"value": Role.PART, "limit": Role.WHOLE}),
        Keyword("counts", Scope.EXCHANGE),
        Keyword("distinct", Scope.EXCHANGE),
        Keyword("only-when", Scope.EXCHANGE),
        Keyword("never-decreases", Scope.LINE, {"value": Role.GROWING}, follows=True, wants=TO_ITS_END),
        Keyword("never-changes", Scope.LINE, follows=True, wants=TO_ITS_END),
        Keyword(
            "lifecycle",
            Scope.INSTANCE,
            {"of": Role.LIFECYCLE, "from": Role.STAGE, "subject": Role.SUBJECT, "arrives": Role.STAGE},
            follows=True,
            wants=TO_ITS_END,
        ),
        Keyword(
            "moves",
            Scope.INSTANCE,
            {"of": Role.LIFECYCLE, "from": Role.STAGE, "to": Role.STAGE},
            follows=True,
            wants="allow_writes, and something that starts one",
        ),
        Keyword("hands-over", Scope.INSTANCE, {"to": Role.OPERATION}, follows=True, wants=STARTED),
        Keyword("agrees", Scope.INSTANCE, {"of": Role.LIFECYCLE, "with": Role.OPERATION}, follows=True, wants=STARTED),
    )
}


def is_failure(keyword: str, grade: str, strict: Strict) -> bool:
    """Whether a deviation fails a run. One from a source is to an observed alternative.

    What reports tell of besides beliefs has no row in KEYWORDS.
    """
    observed = "observed" if grade == "source" else grade
    return strict is True or strict in {"all", observed} or (keyword in KEYWORDS and KEYWORDS[keyword].grave)
