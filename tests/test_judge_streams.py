"""The judge says the same of a list, of a stream, and of a stream that was split by instance and joined again."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pollspec import spec
from pollspec.document.keywords import KEYWORDS, Scope
from pollspec.document.reading import load
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge, judge
from pollspec.judge.parting import split
from pollspec.judge.verdict import Verdict, joined
from pollspec.proof.prove import impolite
from pollspec.servers import faults
from pollspec.trial.plan import Plan
from pollspec.trial.reach import polite
from pollspec.trial.trial import Trial

FAULTS = 24
"""Faults of each document whose traffic is judged."""


@functools.cache
def traffic(name: str, number: int) -> tuple[Exchange, ...]:
    """What a trial asks of a server with one of a document's faults; of a polite one for -1."""
    vendor = load(name)
    derived = faults.derive(vendor)
    if number < 0:
        target = polite(vendor)
    else:
        fault = derived[number * len(derived) // FAULTS]
        target = polite(vendor, lambda app, clock: impolite(app, vendor, fault, clock))
    Trial(vendor, lambda: target, Plan(), vendor.beliefs).run()
    return tuple(target.exchanges)


def told(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int, int]]:
    """What became of each belief about traffic, and how often."""
    of_traffic = (v for v in verdicts if KEYWORDS[v.belief.keyword].scope is not Scope.DOCUMENT)
    return [(v.belief.id, v.outcome.value, v.count, v.tried) for v in of_traffic]


def streamed(vendor: Vendor, exchanges: Sequence[Exchange]) -> list[Verdict]:
    """The verdicts of a judge that sees one exchange after the other, and is asked in between."""
    judging = Judge(vendor)
    for number, exchange in enumerate(exchanges):
        judging.see(exchange)
        if number % 50 == 0:
            assert judging.verdicts()
    return judging.verdicts()


def apart(vendor: Vendor, exchanges: Sequence[Exchange]) -> list[Verdict]:
    """The verdicts of several judges, each of which sees what is about some instances, joined."""
    parts, secrets = split(vendor, exchanges)
    found = []
    for part in parts.values():
        judging = Judge(vendor)
        for exchange in secrets:
            judging.learn(exchange)
        for exchange in part:
            judging.see(exchange)
        found.append(judging.verdicts())
    return joined(*found) if found else judge(vendor, [])


@pytest.mark.parametrize("name", spec.names())
@settings(max_examples=20, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
@given(number=st.integers(-1, FAULTS - 1), data=st.data())
def test_the_same_verdicts(name: str, number: int, data: st.DataObject) -> None:
    """Whatever was kept of some traffic, in whatever order the list is: list, stream and parts agree."""
    vendor, whole = load(name), traffic(name, number)
    kept = data.draw(st.lists(st.sampled_from(range(len(whole))), min_size=5, max_size=40, unique=True))
    shuffled = [whole[place] for place in kept]
    ordered = [whole[place] for place in sorted(kept)]
    found = told(judge(vendor, shuffled))
    assert found == told(streamed(vendor, ordered))
    assert found == told(apart(vendor, ordered))
