"""The judge says the same of a list, of a stream, and of a stream that was split by instance and joined again."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pollspec import spec
from pollspec.document.keywords import KEYWORDS, Scope
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge, judge
from pollspec.judge.parting import split
from pollspec.judge.repeats import Repeats
from pollspec.judge.verdict import Verdict, joined
from pollspec.proof.prove import impolite
from pollspec.servers import faults
from pollspec.trial.destination import polite
from pollspec.trial.facts import with_facts as told_of
from pollspec.trial.selection import Plan
from pollspec.trial.settings import Settings
from pollspec.trial.trial import Trial
from tests.exchanges import Talk

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


def with_facts(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int, int]]:
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
    return in_parts(vendor, list(parts.values()), secrets)


def in_parts(vendor: Vendor, parts: Sequence[Sequence[Exchange]], secrets: Sequence[Exchange]) -> list[Verdict]:
    """The verdicts of a judge of each part, joined."""
    found = []
    for part in parts:
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
    found = with_facts(judge(vendor, shuffled))
    assert found == with_facts(streamed(vendor, ordered))
    assert found == with_facts(apart(vendor, ordered))


@pytest.mark.parametrize("number", range(-1, FAULTS, 4))
@pytest.mark.parametrize("name", spec.names())
def test_what_repeats_is_judged_as_before(name: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks at one exchange alone says of one that is like an earlier one what it said of that."""
    vendor, known = load(name), list[bool]()
    whole = [again for exchange in traffic(name, number) for again in (exchange, exchange)]
    count = Repeats.count

    def noted(repeats: Repeats, like: Hashable) -> bool:
        known.append(count(repeats, like))
        return known[-1]

    monkeypatch.setattr(Repeats, "count", noted)
    found = judge(vendor, whole)
    monkeypatch.setattr(Repeats, "count", lambda repeats, like: False)
    monkeypatch.setattr(Repeats, "remember", lambda repeats, like, before: None)
    assert with_facts(judge(vendor, whole)) == with_facts(found)
    assert 0 < sum(known) < len(known)


PAIRS = [((200, 404), "kept"), ((404, 200), "kept"), ((404, 404), "broken")]


@pytest.mark.parametrize(("statuses", "outcome"), PAIRS)
def test_what_has_one_trial_is_kept_if_a_part_keeps_it(statuses: tuple[int, int], outcome: str) -> None:
    """A subject with two identifiers is there if one of them is, though each of them is a part of its own."""
    given = [{"$request.path.zone_id": "z1", "$request.path.task_id": f"t{number}"} for number in range(2)]
    vendor = told_of(load("keycard"), Settings(subjects={"finished": list(given)}))
    talk = Talk(vendor)
    for values, status in zip(given, statuses, strict=True):
        talk.say("getTask", {"status": "completed"}, status, values=values, subject="finished")
    there = "keycard/getTask/accepts/finished"
    found = {row[0]: row[1:] for row in with_facts(apart(vendor, talk.exchanges))}
    assert found == {row[0]: row[1:] for row in with_facts(judge(vendor, talk.exchanges))}
    assert found[there] == (outcome, int(outcome == "broken"), 1)


def test_a_secret_is_known_to_every_part_from_when_it_was_sent() -> None:
    """Sent with one start, told by the job of another one: found wherever it comes back, and in no answer before."""
    vendor, secret = load("netapp_ontap"), "sw0rdfish-sw0rdfish-sw0rdfish"
    talk = Talk(vendor)
    for number, message in enumerate([secret, "", secret]):
        values = {"$request.path.uuid": f"job-{number}"}
        if number == 1:
            started = {"job": {"uuid": f"job-{number}"}}
            talk.say("startDownload", started, 202, sends={"url": "http://a/b", "username": "u", "password": secret})
        talk.say("getJob", {"uuid": f"job-{number}", "state": "running", "message": message}, values=values)
    starts = [one for one in talk.exchanges if one.operation == "startDownload"]
    whole, parts = judge(vendor, talk.exchanges), in_parts(vendor, [[one] for one in talk.exchanges], starts)
    rows = [row for found in (whole, parts) for row in with_facts(found) if row[0].endswith("keeps-secret/password")]
    assert [row[1:] for row in rows] == [("deviates", 1, 3)] * 2
