"""Findings as failures of schemathesis, each with its belief's claim and the sentence that it rests on."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterable

import requests
from schemathesis.core.failures import Failure, FailureGroup

from pollspec.document.vendor import Belief
from pollspec.judge.verdict import Finding
from pollspec.reports.rows import texts_of
from pollspec.trial.ledger import Ledger
from pollspec.trial.trial import Trial

Found = Iterable[tuple[Belief, Finding]]


class Broken(Failure):
    """A belief that an answer broke."""


@functools.cache
def broken(name: str) -> type[Broken]:
    """The failure of one belief: schemathesis takes failures of one class and operation for the same."""
    return type(name, (Broken,), {"kind_title": name})


def failure(ledger: Ledger, belief: Belief, finding: Finding) -> Broken:
    """A finding as a failure: what is believed and why, what was expected, what was there."""
    texts = texts_of(ledger)
    lines = [("claim", belief.claim), (belief.grade, belief.words), ("expected", finding.expected)]
    lines += [("actual", finding.actual), ("observed", finding.alternative)]
    message = "\n".join(f"{label:<10} {' '.join(texts.shown(text).split())}" for label, text in lines if text)
    return broken(belief.id)(operation=belief.operation, message=message)


class Failures(AssertionError):
    """Several findings; hypothesis makes a shorter example of what raised it, which it does not of a FailureGroup."""


def failing(ledger: Ledger, found: Found) -> list[Broken]:
    """Those findings that fail a run, as failures."""
    return [failure(ledger, belief, finding) for belief, finding in found if ledger.fails(belief, finding)]


def fail(ledger: Ledger, found: Found) -> None:
    """Failures with those findings that fail a run, in a test."""
    if told := failing(ledger, found):
        raise Failures("\n\n".join(f"{one.title}\n{one.message}" for one in told))


def fail_check(ledger: Ledger, found: Found) -> None:
    """FailureGroup with them, in a check of schemathesis."""
    if told := failing(ledger, found):
        raise FailureGroup(told)


class Heard:
    """What the judge found in the answer to each request that a trial sent."""

    def __init__(self) -> None:
        self._found: weakref.WeakKeyDictionary[requests.PreparedRequest, tuple[Trial, Found]] = (
            weakref.WeakKeyDictionary()
        )

    def __contains__(self, request: requests.PreparedRequest) -> bool:
        """Whether a trial sent it."""
        return request in self._found

    def keep(self, request: requests.PreparedRequest, trial: Trial, found: Found) -> None:
        """Remember what was found."""
        self._found[request] = (trial, found)

    def raise_for(self, request: requests.PreparedRequest) -> None:
        """FailureGroup with what fails; at a live server it is told at the end of the test, and nothing is repeated."""
        trial, found = self._found[request]
        if trial.repeats:
            fail_check(trial, found)


HEARD = Heard()
