"""The typed report that every format is made of: who was tested how, what became of each belief. Masked throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pollspec.document import pointers
from pollspec.document.keywords import Strict, is_failure
from pollspec.judge.verdict import Outcome
from pollspec.reports.traces import TraceRow

VERSION = 2
"""Of the report's own format (report.schema.json). 2 adds targets of a fleet, shards, and what is required."""
KNOWN = "known"
"""The outcome of a belief that is broken, or deviates, as a file of known failures says it does."""
UNSEEN = "unseen"
"""The standing of a known failure that could not be seen this time: it stays."""
OUTCOMES = (*(outcome.value for outcome in Outcome), KNOWN)
MOST_FINDINGS = 20
"""Findings of one belief that a report holds; `count` says how many there were."""


@dataclass(frozen=True)
class FindingRow:
    """One finding, as printed: texts only. `exchange`: the request and the answer whole; `number`: of the request.

    `before`: the earlier request and answer that it contradicts; `under`: the circumstances (judge/circumstances.py).
    """

    expected: str
    actual: str
    at: str
    request: str
    answer: str
    curl: str
    alternative: str = ""
    exchange: str = ""
    before: str = ""
    number: int = 0
    under: str = ""


@dataclass(frozen=True)
class KnownRow:
    """What a file of known failures says of a belief. `outcome`: what the run found; `seen`: where it broke before.

    `standing`: `known` (it is excused), `unseen` (it could not be seen this time), `expired`, or `gone` (it no longer
    happens); these two fail the run.
    """

    reason: str
    expires: str
    outcome: str
    standing: str
    remedy: str = ""
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One belief's verdict, as printed. `findings`: the best example first; `count`: of all findings.

    `target_name`: which target of a fleet; "" where there is but one. `despite`: legal variations that contradict it,
    each with the reason why it is worth having all the same.
    """

    id: str
    outcome: str
    claim: str
    grade: str
    words: str
    where: str
    tried: int
    wants: str
    reproduce: str
    findings: tuple[FindingRow, ...] = ()
    count: int = 0
    known: KnownRow | None = None
    target_name: str = ""
    despite: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the target's part of the report."""
        return _key(self.vendor, self.target_name)

    @property
    def vendor(self) -> str:
        """The vendor's name."""
        return self.id.split("/")[0]

    @property
    def operation(self) -> str:
        """The operation."""
        return pointers.tokens(f"/{self.id}")[1]

    @property
    def keyword(self) -> str:
        """The keyword."""
        return self.id.split("/")[2]

    @property
    def name(self) -> str:
        """Keyword and name: the id within its operation."""
        return self.id.split("/", 2)[2]

    @property
    def unseen(self) -> bool:
        """Whether this is a known failure that could not be seen this time."""
        return self.known is not None and self.known.standing == UNSEEN

    @property
    def foundation(self) -> list[tuple[str, str]]:
        """What is believed and why, as labelled lines."""
        return [("claim", self.claim), (self.grade, self.words)]

    @property
    def evidence(self) -> list[tuple[str, str]]:
        """The best example of a finding, and what to do with it, as labelled lines."""
        lines: list[tuple[str, str]] = []
        for best in self.findings[:1]:
            lines += [("expected", best.expected), ("actual", f"{best.actual}    ({best.at})")]
            lines += [("request", best.request), ("answer", best.answer), ("observed", best.alternative)]
            lines += [("count", f"{self.count} times in {self.tried}" if self.count > 1 else "")]
            lines += [("despite", one) for one in self.despite]
        lines += [("known", f"{self.known.reason} (until {self.known.expires})")] if self.known else []
        lines += [("remedy", self.known.remedy)] if self.known else []
        lines += [("reproduce", self.reproduce), *(("curl", best.curl) for best in self.findings[:1])]
        return [(label, " ".join(text.split())) for label, text in lines if text]


@dataclass(frozen=True)
class VendorRow:
    """What was asked of one vendor's target. `polls`: how many of an operation's requests followed a lifecycle.

    `circumstances`: all under which something was answered; `diagnosis`: what most answers are a sign of, or "".
    `digest`: of the page; `document_digest`: of the document itself; `target_name`: which target of a fleet, or "".
    """

    vendor: str
    target: str
    document: str
    digest: str
    requests: Mapping[str, int]
    started: tuple[str, ...]
    oddities: tuple[Mapping[str, str], ...]
    untestable: int
    interrupted: bool = False
    spent: str = ""
    traces: tuple[TraceRow, ...] = ()
    traces_omitted: int = 0
    notes: tuple[str, ...] = ()
    troubles: Mapping[str, int] = field(default_factory=dict)
    polls: Mapping[str, int] = field(default_factory=dict)
    circumstances: tuple[str, ...] = ()
    diagnosis: str = ""
    document_digest: str = ""
    target_name: str = ""

    @property
    def key(self) -> str:
        """The name of this part of the report: the vendor's, and the target's where there are several."""
        return _key(self.vendor, self.target_name)

    @property
    def remarks(self) -> list[str]:
        """What a reader must know about how the verdicts came about, and the answers that were lost."""
        asked = sum(self.requests.values())
        lost = [f"{times} of {asked} requests got no answer: {trouble}" for trouble, times in self.troubles.items()]
        return [*self.notes, *lost]


def _key(vendor: str, target_name: str) -> str:
    return f"{vendor}@{target_name}" if target_name else vendor


@dataclass
class Report:
    """A whole run. `began`: UTC, RFC 3339; `finished`: false while it goes on, and for ever if it is killed.

    `vendors`: by their keys. `required`: the ids of the beliefs that must not stay untried. `file`: the user's own
    capture or target file, or "". `shard`: which part of a fleet this is ("2/5"), or "".
    `lacking`: some of what was to be judged could not be read.
    """

    pollspec: str
    seed: int
    strict: Strict
    vendors: dict[str, VendorRow] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    began: str = ""
    finished: bool = True
    required: frozenset[str] = frozenset()
    file: str = ""
    shard: str = ""
    lacking: bool = False

    def as_data(self) -> dict[str, Any]:
        """The report as JSON data, as report.schema.json has it."""
        return {
            "version": VERSION,
            "pollspec": self.pollspec,
            "began": self.began,
            "finished": self.finished,
            "seed": self.seed,
            "strict": self.strict,
            "shard": self.shard,
            "required": sorted(self.required),
            "exit_code": self.exit_code(),
            "summary": self.summary(),
            "vendors": {name: asdict(vendor) for name, vendor in self.vendors.items()},
            "rows": [{**asdict(row), "fails": self.fails(row)} for row in self.rows],
        }

    def of(self, vendor: VendorRow) -> list[Row]:
        """The rows of one target."""
        return [row for row in self.rows if row.key == vendor.key]

    @property
    def is_fleet(self) -> bool:
        """Whether several targets were tested."""
        return any(vendor.target_name for vendor in self.vendors.values())

    def alike(self, rows: Iterable[Row]) -> list[list[Row]]:
        """Rows, those of one belief and outcome together: one each where there is one target."""
        groups: dict[object, list[Row]] = {}
        for row in rows:
            groups.setdefault((row.id, row.outcome, row.wants, self.fails(row)), []).append(row)
        return list(groups.values())

    def summary(self) -> dict[str, int]:
        """How many beliefs met each outcome."""
        return {outcome: sum(row.outcome == outcome for row in self.rows) for outcome in OUTCOMES}

    def fails(self, row: Row) -> bool:
        """Whether a row fails the run."""
        if row.known is not None and not row.unseen:
            return row.known.standing != KNOWN
        if row.outcome == Outcome.NOT_TRIED:
            return row.id in self.required
        deviates = row.outcome == Outcome.DEVIATES and is_failure(row.keyword, row.grade, self.strict)
        return deviates or row.outcome == Outcome.BROKEN

    @property
    def unseen(self) -> list[Row]:
        """The known failures that could not be seen this time."""
        return [row for row in self.rows if row.unseen]

    @property
    def interrupted(self) -> bool:
        """Whether somebody ended the run before its end."""
        return any(vendor.interrupted for vendor in self.vendors.values())

    def exit_code(self) -> int:
        """0 all kept; 1 broken; 2 nothing was tried; 3 could not run (1 wins over 3); 130 interrupted.

        A shard without targets is good: the other shards have them, and the joint report wants every shard.
        """
        counted = self.summary()
        if self.interrupted:
            return 130
        if any(self.fails(row) for row in self.rows):
            return 1
        if counted[Outcome.COULD_NOT_RUN] or self.lacking:
            return 3
        tried = counted[Outcome.KEPT] + counted[Outcome.DEVIATES] + counted[KNOWN]
        return 0 if tried or (self.shard and not self.rows) else 2
