"""The vocabulary: a table from keyword to one small pure function.

Each takes a belief and the evidence, and yields a trial each time the belief could be judged: None where it held,
a Finding where it did not. It judges only where its data are there and of the right kind; that they are is the
business of `schema`, so that one mistake is one finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from packaging.version import Version

from ..trace import Evidence, Exchange
from ..vendor import Belief, Vendor
from ..verdict import Finding, Outcome, Verdict, decide
from . import across, alone, provoked, stated

Keyword = Callable[[Belief, Evidence], Iterator[Finding | None]]

KEYWORDS: dict[str, Keyword] = {
    "status": stated.status,
    "response": stated.response,
    "header": stated.header,
    "schema": stated.schema,
    "sample": stated.sample,
    "answers": provoked.answers,
    "refuses": provoked.refuses,
    "keeps-secret": provoked.keeps_secret,
    "selects": provoked.selects,
    "echoes": alone.echoes,
    "at-most": alone.at_most,
    "counts": alone.counts,
    "only-when": alone.only_when,
    "never-decreases": across.never_decreases,
    "never-changes": across.never_changes,
    "lifecycle": across.lifecycle,
    "hands-over": across.hands_over,
    "agrees": across.agrees,
}


def judge(
    vendor: Vendor,
    exchanges: Sequence[Exchange],
    beliefs: Sequence[Belief] | None = None,
    version: Version | None = None,
) -> list[Verdict]:
    """A verdict for each belief (all of the vendor's by default) from what was asked and answered. Does no I/O.

    `version`: the product's, where it is known; it says which of the observed alternatives may be met.
    """
    evidence = Evidence(vendor, exchanges, version)
    return [_verdict(belief, evidence) for belief in (vendor.beliefs if beliefs is None else beliefs)]


def _verdict(belief: Belief, evidence: Evidence) -> Verdict:
    """One belief's verdict; an error of our own costs this belief and no other."""
    try:
        trials = list(KEYWORDS[belief.keyword](belief, evidence))
    except Exception as error:
        why = f"an error of pollspec's own, please report it: {type(error).__name__}: {error}"
        return Verdict(belief, Outcome.COULD_NOT_RUN, wants=why)
    return decide(belief, trials, wants(evidence.vendor, belief))


def wants(vendor: Vendor, belief: Belief) -> str:
    """What to supply so that a belief is tried."""
    says, operation = belief.says, vendor.operations[belief.operation]
    if operation.writes:
        return f"allow_writes, and bodies.{operation.id}" if operation.bodies else "allow_writes"
    if (credential := says.get("credential", "default")) not in {"default", "none"}:
        return f"the credential {credential!r}"
    if subject := says.get("subject"):
        return f"the subject {subject!r}"
    if belief.keyword in {"answers", "refuses", "selects"} and "sends" in says:
        return "any subject that ends"
    if belief.keyword in {"lifecycle", "agrees", "hands-over", "never-decreases", "never-changes"}:
        return "a subject that runs to its end" + (
            "" if belief.keyword not in {"agrees", "hands-over"} else ", or allow_writes"
        )
    return "a subject whose answer shows it"
