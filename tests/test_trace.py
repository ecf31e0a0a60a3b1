"""Polls are samples: what may be compared with what, and which exchanges are about one thing."""

from __future__ import annotations

import heapq
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from pollspec.document.messages import Request
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge
from pollspec.judge.trace import Instance, Line, Past
from pollspec.judge.verdict import Outcome
from tests.conftest import view
from tests.exchanges import Talk
from tests.test_keywords import FIRED, NUMBER, STRANGER, firing, get, kiln, raw, start

OTHER = "7b1f0d6e-0000-4000-8000-000000000002"
ENDS, MINUTES = "getFiring/lifecycle/ends", "getFiring/never-decreases/minutes"
RECIPE = "getFiring/never-changes/identity"
LATER, EARLIER = firing(minutes_done=9), firing(minutes_done=3)


def told(vendor: Vendor, *steps: Any) -> Talk:
    """A talk of some steps."""
    talk = Talk(vendor)
    for operation, body, status, more in steps:
        talk.say(operation, body, status, **more)
    return talk


def traces(talk: Talk, lifecycle: str) -> list[list[int]]:
    """The numbers of the exchanges in each trace."""
    judge = Judge(talk.vendor, [])
    found: dict[Instance, list[int]] = {}
    for exchange in sorted(talk.exchanges, key=lambda one: (one.session, one.start, one.number)):
        instance = judge.see(exchange).instance
        if instance is not None and instance.lifecycle.name == lifecycle:
            found.setdefault(instance, []).append(exchange.number)
    return list(found.values())


def test_stutter(sixth: Vendor) -> None:
    """The same state again is no move."""
    verdict = told(sixth, *[get(FIRED)] * 5).verdict(ENDS)
    assert (verdict.outcome, verdict.tried) == (Outcome.KEPT, 4)


def test_closure(sixth: Vendor) -> None:
    """Between two polls anything permitted may have happened, and nothing else."""
    after = sixth.lifecycles["firing"].after
    everything = frozenset(sixth.lifecycles["firing"].stages)
    assert after(frozenset({"waiting"})) == everything
    assert after(frozenset({"warming"})) == everything - {"waiting"}
    assert after(frozenset({"done"})) == {"done", "cleared", "lost"}
    assert after(frozenset({"cleared", "lost"})) == {"cleared", "lost"}


def test_skipped_states() -> None:
    """A poll that misses states breaks nothing."""
    sonar = view("logpresso_sonar")
    example = sonar.components["examples"]["InProgress"]["value"]["install_progress"]
    talk = Talk(sonar)
    for status in ("standby", "completed"):
        talk.say("getInstallProgress", {"install_progress": {**example, "status": status}})
    assert talk.outcome("getInstallProgress/lifecycle/starts-once") is Outcome.NOT_TRIED
    talk.say("getInstallProgress", {"install_progress": {**example, "status": "standby"}})
    assert talk.outcome("getInstallProgress/lifecycle/ends") is Outcome.DEVIATES


def test_several_stages_of_one_state() -> None:
    """A state that several stages share is any of them, and stays the one that the trace allows."""
    ontap = view("netapp_ontap")
    talk = Talk(ontap)
    for state in ("not_started", "running", "running", "success", "running"):
        talk.say("getDownload", {"state": state, "message": "", "code": 0})
    verdict = talk.verdict("getDownload/lifecycle/ends")
    assert [(finding.since and finding.since.number, finding.at.number) for finding in verdict.findings] == [(3, 4)]


GAPS = [
    pytest.param(get({}, 429), id="429"),
    *(pytest.param(get({}, status), id=str(status)) for status in (500, 502, 503, 504)),
    pytest.param(get(None, 0), id="lost"),
]


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize(
    ("belief", "before", "after"),
    [(ENDS, FIRED, firing()), (MINUTES, LATER, EARLIER), (RECIPE, firing(), firing(recipe="raku"))],
    ids=["lifecycle", "never-decreases", "never-changes"],
)
def test_gap(sixth: Vendor, belief: str, before: Any, after: Any, gap: Any) -> None:
    """Nothing is compared across a 429, a 5xx or a lost connection."""
    assert told(sixth, get(before), get(after)).outcome(belief) is Outcome.DEVIATES
    assert told(sixth, get(before), gap, get(after)).outcome(belief) is Outcome.NOT_TRIED


def test_comparison_goes_on_after_a_gap(sixth: Vendor) -> None:
    """After a gap the next answers are compared among themselves."""
    talk = told(sixth, get(LATER), get({}, 503), get(firing(minutes_done=2)), get(firing(minutes_done=1)))
    (finding,) = talk.verdict(MINUTES).findings
    assert (finding.since and finding.since.number, finding.at.number) == (2, 3)


def test_refused_stranger_is_no_gap(sixth: Vendor) -> None:
    """What another credential got, a documented 500 even, says nothing about the instance and hides nothing."""
    talk = told(sixth, get(FIRED), get({}, 500, credential="unprivileged"), get({}, 401, **STRANGER), get(firing()))
    assert talk.outcome(ENDS) is Outcome.DEVIATES


def test_other_refusals_are_no_gap(sixth: Vendor) -> None:
    """A 4xx that shows no state is passed over."""
    assert told(sixth, get(FIRED), get({}, 418), get(firing())).outcome(ENDS) is Outcome.DEVIATES


def test_unreadable_answers_are_passed_over(sixth: Vendor) -> None:
    """A body that cannot be read shows no state, and the trace goes on."""
    talk = told(sixth, get(FIRED), raw(b"{"), get(firing()))
    assert talk.outcome(ENDS) is Outcome.DEVIATES
    assert talk.outcome("getFiring/response/200") is Outcome.BROKEN


def test_overlapping_exchanges_are_unordered(sixth: Vendor) -> None:
    """Two polls that were under way at once are not compared, whichever began first."""
    for one, other in ((LATER, EARLIER), (EARLIER, LATER)):
        talk = told(sixth, get(one, at=0, took=2), get(other, at=1, took=2))
        assert talk.outcome(MINUTES) is Outcome.NOT_TRIED


def test_later_exchange_is_compared_with_all_that_ended_before(sixth: Vendor) -> None:
    """What ended before a poll began is compared with it, also what overlapped with something else."""
    talk = told(
        sixth,
        get(LATER, at=0, took=2),
        get(EARLIER, at=1, took=5),
        get(firing(minutes_done=8), at=3, took=1),
    )
    (finding,) = talk.verdict(MINUTES).findings
    assert (finding.since and finding.since.number, finding.at.number) == (0, 2)


def test_order_is_by_time(sixth: Vendor) -> None:
    """Exchanges are ordered by their time, whatever their order in a list or the number they have."""
    talk = told(sixth, get(LATER, at=10), get(EARLIER, at=0))
    verdict = talk.verdict(MINUTES)
    assert (verdict.outcome, verdict.tried) == (Outcome.KEPT, 1)


def test_touching_exchanges_are_ordered(sixth: Vendor) -> None:
    """On a virtual clock, where an answer takes no time, the next poll begins when the last one ended."""
    talk = told(sixth, get(LATER, at=0, took=0), get(EARLIER, at=0, took=0))
    assert talk.outcome(MINUTES) is Outcome.DEVIATES


@hypothesis.settings(database=None, derandomize=True, max_examples=60)
@hypothesis.given(
    strategies.lists(strategies.tuples(strategies.integers(0, 20), strategies.integers(0, 9)), max_size=9)
)
def test_settled(times: list[tuple[int, int]]) -> None:
    """Each exchange is settled once, before all that began after its end."""
    request = Request("x", "GET", "/")
    run = [Exchange(request, None, s, s + took, number=n) for n, (s, took) in enumerate(sorted(times))]
    known: list[Exchange] = []
    line = Line()
    for exchange in run:
        known += [past.exchange for past in line.settle(exchange.start)]
        heapq.heappush(line.pending, Past(exchange))
        ended = {before.number for before in run[: exchange.number] if before.end <= exchange.start}
        assert {before.number for before in known} == ended
        assert len(known) == len(ended)


def test_one_trace_per_instance(sixth: Vendor) -> None:
    """Exchanges about two instances are two traces, however they alternate."""
    talk = told(sixth, get(LATER), get(EARLIER, number=OTHER), get(LATER), get(EARLIER, number=OTHER))
    assert traces(talk, "firing") == [[0, 2], [1, 3]]
    assert talk.outcome(MINUTES) is Outcome.KEPT


def test_identifiers_in_either_case(sixth: Vendor) -> None:
    """A GUID in capitals is the same instance."""
    assert traces(told(sixth, get(LATER), get(LATER, number=NUMBER.upper())), "firing") == [[0, 1]]


def test_sessions_are_apart(sixth: Vendor) -> None:
    """Two servers that share nothing have traces of their own."""
    talk = told(sixth, get(FIRED), get(firing(), session=1))
    assert traces(talk, "firing") == [[0], [1]]
    assert talk.outcome(ENDS) is Outcome.NOT_TRIED


def test_strangers_are_in_no_trace(sixth: Vendor) -> None:
    """A refusal to another credential belongs to no trace; what it was shown does."""
    talk = told(sixth, get(firing()), get({}, 401, **STRANGER), get(firing(), credential="unprivileged"))
    assert traces(talk, "firing") == [[0, 2]]


def test_latest_is_what_was_started_last(sixth: Vendor) -> None:
    """An operation that shows the latest instance shows the one that was started before it was asked."""
    talk = told(sixth, kiln("fired"), start(), kiln("hot"), get(firing()), start(OTHER), kiln("hot"), get(firing()))
    assert sorted(traces(talk, "firing")) == [[0], [1, 2, 3, 6], [4, 5]]
    assert talk.outcome("getKiln/lifecycle/ends") is Outcome.NOT_TRIED


def test_failed_start_starts_nothing(sixth: Vendor) -> None:
    """A start that was refused is no instance."""
    talk = told(sixth, start(), start(OTHER, status=422), kiln("hot"))
    assert traces(talk, "firing") == [[0, 2]]


def test_renewal(sixth: Vendor) -> None:
    """Where nothing identifies an instance, a move that the graph does not have begins another."""
    talk = Talk(sixth)
    for method, dry, label in [("wet", 0, "bowls"), ("sun", 60, "bowls"), ("dried", 100, "bowls"), ("wet", 0, "jugs")]:
        talk.say("getDrying", {"method": method, "dry": dry, "label": label})
    assert traces(talk, "drying") == [[0, 1, 2], [3]]
    assert talk.outcome("getDrying/never-decreases/dry") is Outcome.KEPT
    assert talk.outcome("getDrying/never-changes/label") is Outcome.KEPT


def test_no_renewal_without_a_forbidden_move(sixth: Vendor) -> None:
    """A fall within what the graph permits is a fall, and an unlisted state renews nothing."""
    talk = Talk(sixth)
    for method, dry in [("fan", 60), ("a breeze", 70), ("sun", 50)]:
        talk.say("getDrying", {"method": method, "dry": dry, "label": "bowls"})
    assert traces(talk, "drying") == [[0, 1, 2]]
    (finding,) = talk.verdict("getDrying/never-decreases/dry").findings
    assert finding.at.number == 2


def test_renewal_by_subject(sixth: Vendor) -> None:
    """Two subjects that one operation shows as the latest are two instances."""
    talk = Talk(sixth)
    for subject, dry in [("north", 60), ("south", 10), ("north", 70), ("south", 20)]:
        talk.say("getDrying", {"method": "fan", "dry": dry, "label": subject}, subject=subject)
    assert traces(talk, "drying") == [[0, 2], [1, 3]]


def test_late(sixth: Vendor) -> None:
    """What came after an instance had shown its end is known to be late."""
    talk = told(sixth, get(firing()), get(FIRED), get({}), get(firing(), number=OTHER))
    judge = Judge(sixth, [])
    assert [exchange.number for exchange in talk.exchanges if judge.see(exchange).late] == [2]
