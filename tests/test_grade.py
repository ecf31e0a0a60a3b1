"""A client is graded: good pollers break nothing, and each bad one is told by the requirement that speaks of it."""

from __future__ import annotations

import asyncio
import functools
import pathlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pollspec import spec
from pollspec.document.loader import load
from pollspec.errors import UsageError
from pollspec.grading.graded import Graded
from pollspec.grading.grading import Pace, asked, played, run
from pollspec.grading.observation import Ended, Observation
from pollspec.grading.play import Play
from pollspec.grading.requirements import REQUIREMENTS, Level
from pollspec.grading.requirements.sending import takes
from pollspec.grading.trials import TRIALS
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import judge
from pollspec.judge.verdict import Outcome, Verdict
from tests.pollers import bad, concurrent, retrying
from tests.pollers.derived import Derived
from tests.pollers.plain import Poller, Told, Urllib
from tests.pollers.talk import TALK
from tests.pollers.virtual import seen

DOCUMENTS = pathlib.Path(__file__).parent / "documents"
BROKEN = {Outcome.BROKEN, Outcome.DEVIATES}
QUICK = Pace(0.05)


vendor_of = functools.cache(load)


@functools.cache
def plays(vendor: str) -> list[Play]:
    """The trials of a vendor's clients."""
    return played(vendor_of(vendor))


def graded(vendor: str, trials: list[Observation]) -> dict[str, Verdict]:
    """What became of each requirement, by its name."""
    ledger = Graded(vendor_of(vendor), asked(vendor_of(vendor)), ["client"])
    for trial in trials:
        ledger.take(trial)
    return {verdict.belief.name: verdict for verdict in ledger.verdicts().values()}


def broken(verdicts: Mapping[str, Verdict]) -> set[str]:
    """The requirements that are not kept."""
    return {name for name, verdict in verdicts.items() if verdict.outcome in BROKEN}


def embedded(vendor: str, poller: Any) -> dict[str, Verdict]:
    """The grades of a poller, on a virtual clock."""
    return graded(vendor, [seen(play, functools.partial(poller, TALK[vendor])) for play in plays(vendor)])


def misdeeds() -> Iterator[Any]:
    """Each bad poller with each vendor whose clients it could belong to."""
    for poller in bad.MISDEEDS:
        for vendor in getattr(poller, "only", spec.names()):
            if poller.tells in {requirement.name for requirement, _ in asked(vendor_of(vendor))}:
                yield pytest.param(poller, vendor, id=f"{poller.__name__}-{vendor}")


@pytest.mark.parametrize(("poller", "vendor"), list(misdeeds()))
def test_a_misdeed_is_told_by_the_requirement_that_speaks_of_it(poller: Any, vendor: str) -> None:
    """One misdeed breaks one requirement; what needs it is not tried, and nothing else is broken."""
    assert broken(embedded(vendor, poller)) == {poller.tells}


class StartsNothing(Poller):
    """Only waits for what somebody else has started."""

    def start(self) -> bool:
        """It cannot."""
        return False


def test_what_a_client_cannot_do_is_not_tried() -> None:
    """A client without a start sends nothing in these trials, and keeps all the rest."""
    found = embedded("netapp_ontap", StartsNothing)
    starts = {name for name, row in REQUIREMENTS.items() if row.of_start}
    assert {name for name, verdict in found.items() if verdict.outcome is Outcome.NOT_TRIED} == starts
    assert {name for name, verdict in found.items() if verdict.outcome is Outcome.KEPT} == set(found) - starts


class AsksAgain(Poller):
    """Waits for an answer half of its time, and asks again."""

    def timeout(self) -> float:
        """Half of what is left."""
        return super().timeout() / 2

    def poll(self) -> Told:
        """Once more, where there is no answer."""
        try:
            return super().poll()
        except TimeoutError:
            return super().poll()


def test_a_success_that_came_late_is_one() -> None:
    """Who asks again where no answer came sees the operation succeed, and may say so."""
    found = embedded("keycard", AsksAgain)
    assert broken(found) == set()
    assert found["no-false-failure"].tried == 1  # of two trials: in the other one there was a success


def test_every_requirement_has_a_misdeed() -> None:
    """There is a bad poller for each row of the table, and a trial for each bait."""
    told = {parameters.values[0].tells for parameters in misdeeds()}
    assert told == set(REQUIREMENTS)
    assert {bait for row in REQUIREMENTS.values() for bait in row.baits} == set(TRIALS)


@pytest.mark.parametrize("vendor", spec.names())
def test_a_good_poller_keeps_everything(vendor: str) -> None:
    """Every requirement is tried, and kept."""
    found = embedded(vendor, Poller)
    assert {name: verdict.wants for name, verdict in found.items() if verdict.outcome is not Outcome.KEPT} == {}
    assert len(found) >= 19


@pytest.mark.parametrize("name", ["sixth", "oven", "kettle"])
def test_any_document_gives_requirements_that_a_good_poller_keeps(name: str) -> None:
    """A start, marks beside the state, no credential: what a document has not is not asked."""
    vendor = load(str(DOCUMENTS / f"{name}.yaml"))
    trials = [seen(play, functools.partial(Derived, vendor)) for play in played(vendor)]
    ledger = Graded(vendor, asked(vendor), ["client"])
    for trial in trials:
        ledger.take(trial)
    found = ledger.verdicts()
    assert {name: verdict for name, verdict in found.items() if verdict.outcome is not Outcome.KEPT} == {}
    assert len(found) == len(asked(vendor)) >= 16


def test_a_document_without_a_good_end_has_nothing_to_grade() -> None:
    """It is an error of usage."""
    with pytest.raises(UsageError, match="nothing to grade"):
        played(load(str(DOCUMENTS / "menagerie.yaml")))


class Overdue(Exception):
    """The command is ended from outside."""


class Watched(Urllib):
    """The real web, for a client in this process that is to be ended in time."""

    def __init__(self, overdue: Callable[[], bool]) -> None:
        self.overdue = overdue

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes, timeout: float) -> Told:
        """One request, if there is time."""
        if self.overdue():
            raise Overdue
        return super().ask(method, url, headers, content, timeout)


STYLES: dict[str, Callable[[str, Mapping[str, str]], int]] = {
    "concurrent": lambda vendor, told: asyncio.run(concurrent.wait(vendor, told)),
    "retrying": retrying.wait,
}


@pytest.mark.parametrize("vendor", spec.names())
@pytest.mark.parametrize("style", STYLES)
def test_other_styles_are_good_as_well(style: str, vendor: str) -> None:
    """A poller with httpx and asyncio, and one with requests and its retries, over loopback."""

    def client(told: Mapping[str, str], overdue: Callable[[], bool]) -> Ended:
        return Ended(STYLES[style](vendor, told), time.monotonic())

    found = graded(vendor, list(run(plays(vendor), client, QUICK, jobs=8)))
    assert {name: verdict.findings for name, verdict in found.items() if verdict.outcome is not Outcome.KEPT} == {}


@pytest.mark.parametrize("poller", [bad.CarriesItAway, bad.IgnoresRetryAfter])
def test_over_loopback_a_misdeed_is_told_as_well(poller: Any) -> None:
    """The other origin, and a pause that is asked for: sockets make no difference."""
    vendor = "netapp_ontap"

    def client(told: Mapping[str, str], overdue: Callable[[], bool]) -> Ended:
        try:
            code = poller(TALK[vendor], told, Watched(overdue)).run()
        except Overdue:
            code = None
        return Ended(code, time.monotonic())

    wanted = {"runs", *REQUIREMENTS[poller.tells].baits}
    trials = [play for play in plays(vendor) if play.trial in wanted]
    assert poller.tells in broken(graded(vendor, list(run(trials, client, QUICK, jobs=4))))


@pytest.mark.parametrize("vendor", spec.names())
def test_baits_are_legal(vendor: str) -> None:
    """No bait breaks what the vendor says itself, but for a state beyond a closed list, where that is a should."""
    shoulds = {row.name for row, ground in asked(vendor_of(vendor)) if row.level_for(ground) is Level.SHOULD}
    for play in plays(vendor):
        exchanges = seen(play, functools.partial(Poller, TALK[vendor])).exchanges
        found = judge(vendor_of(vendor), [one for one in exchanges if one.operation and one.status])
        said = [verdict.belief.id for verdict in found if verdict.outcome is Outcome.BROKEN]
        assert not said or (play.trial == "unknown-state" and play.trial in shoulds), (play.trial, said)


def timed(play: Play, *moments: float, code: int | None = 0, interval: float = 1.0, **given: Any) -> Observation:
    """What a trial has shown whose polls, each with the polite answer of its turn, came at these moments."""
    course = play.ground.course(play.subject)
    polls = [
        Exchange(scene.request, scene.answer, moment, moment, number=number)
        for number, (moment, scene) in enumerate(zip(moments, course, strict=False))
    ]
    return Observation(play, polls, [], Ended(code, 10.0), interval, 10.0, **given)


def says(name: str, trial: Observation) -> str:
    """What a requirement says of a trial, in a word."""
    judged = REQUIREMENTS[name].judge(trial)
    return "kept" if judged is None else "broken" if hasattr(judged, "actual") else "not tried"


@pytest.mark.parametrize(
    ("moments", "word"),
    [
        ((0.0, 1.0, 2.0), "kept"),
        ((0.0, 5.0, 10.0), "kept"),
        ((0.0, 1.4, 2.0, 3.4, 4.0), "kept"),
        ((0.0, 0.85, 1.7), "kept"),
        ((0.0, 0.7, 1.4), "broken"),
        ((0.0, 0.4, 3.0), "broken"),
        ((0.0, 1.0), "not tried"),
    ],
)
def test_the_poll_policy_is_judged_by_the_moments_of_arrival(moments: tuple[float, ...], word: str) -> None:
    """Slower is fine, and so is what a busy machine does to a steady client; two polls close together are not."""
    assert says("poll-policy", timed(plays("keycard")[0], *moments)) == word


@pytest.mark.parametrize(("next_poll", "word"), [(2.0, "kept"), (1.99, "kept"), (1.5, "broken"), (None, "not tried")])
def test_a_retry_after_is_held_to_the_moment_that_it_names(next_poll: float | None, word: str) -> None:
    """A hundredth of a second is a clock's own; who never asks again has not shown it."""
    play = next(play for play in plays("keycard") if play.trial == "busy")
    moments = (0.0, 1.0) if next_poll is None else (0.0, 1.0, next_poll)
    assert says("retry-after", timed(play, *moments, due={1: 2.0})) == word


@pytest.mark.parametrize(("more", "word"), [(0, "kept"), (1, "kept"), (2, "broken")])
def test_one_more_look_after_the_end_is_no_fault(more: int, word: str) -> None:
    """Two are."""
    ended = timed(plays("keycard")[0], 0.0, 1.0, 2.0, 3.0, 4.0)
    last = ended.polls[-1]
    again = [replace(last, start=5.0 + number, end=5.0 + number, number=5 + number) for number in range(more)]
    assert says("stops-at-the-end", replace(ended, exchanges=[*ended.exchanges, *again])) == word


@pytest.mark.parametrize(
    ("accept", "word"),
    [
        ("*/*", True),
        ("application/*;q=0.5", True),
        ("text/html, Application/JSON ;q=0.9", True),
        ("text/html", False),
        ("application/json;q=0", False),
        ("application/json;q=0.000, text/*", False),
    ],
)
def test_an_accept_header_is_read_as_the_rfc_has_it(accept: str, word: bool) -> None:
    """Ranges, weights, cases and spaces."""
    assert takes(accept, "application/json") is word
