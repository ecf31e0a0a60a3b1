"""Polls are samples: no legal lifecycle raises a finding, however it is sampled; one misdeed that shows always does."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Subject, Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import judge
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from pollspec.trial.request import build
from tests.conftest import view

TEMPORAL = {"lifecycle", "never-decreases", "never-changes", "agrees"}
WATCHED = [
    ("ibm_qradar", "finished"),
    ("keycard", "finished"),
    ("logpresso_sonar", "finished"),
    ("netapp_ontap", "finished"),
    ("rocket_chat", "finished"),
]
DURATION = 100.0
GAPS = [
    Answer(429, (("retry-after", "1"),), b""),
    Answer(503, (), b""),
    Answer(500, (("content-type", "text/plain"),), b"oops"),
    None,
]


@dataclass
class Hand:
    """A clock that is set by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@st.composite
def walks(draw: st.DrawFn, lifecycle: Lifecycle, operation: str) -> tuple[str, ...]:
    """A legal path through the stages that an operation shows."""
    shown = [name for name, stage in lifecycle.stages.items() if operation in {**stage.states, **stage.plays}]
    path = [draw(st.sampled_from(shown))]
    for _ in range(draw(st.integers(0, 6))):
        following = [name for name in lifecycle.stages[path[-1]].then if name in shown]
        if not following:
            break
        path.append(draw(st.sampled_from(following)))
    return tuple(path)


def played(vendor: Vendor, subject: Subject, path: tuple[str, ...]) -> tuple[Mock, Hand, Request]:
    """A polite server that plays a path for a subject, its clock, and the request that shows it."""
    clock = Hand()
    document = replace(vendor, subjects={**vendor.subjects, subject.name: replace(subject, path=path)})
    operation = next(o for o in vendor.operations.values() if not o.writes and vendor.applies(subject, o))
    credential = {**vendor.credentials["default"]}
    return Mock(document, clock, DURATION), clock, build(vendor, operation, {**credential, **subject.given})


def asked(server: Mock, request: Request) -> Answer:
    """The server's answer at this moment."""
    path, _, query = request.target.partition("?")
    return server.respond(request.method, server.vendor.base_path + path, query, request.headers, request.content)


def findings(vendor: Vendor, exchanges: list[Exchange]) -> list[str]:
    """The temporal beliefs that an exchange contradicts."""
    beliefs = [belief for belief in vendor.beliefs if belief.keyword in TEMPORAL]
    verdicts = judge(vendor, exchanges, beliefs)
    assert not [v.wants for v in verdicts if v.outcome is Outcome.COULD_NOT_RUN]
    return [f"{v.belief.id}: {f.expected} / {f.actual}" for v in verdicts for f in v.findings]


def subject_of(vendor: Vendor, name: str) -> tuple[Subject, Lifecycle, str]:
    """A subject, its lifecycle, and the operation that shows it."""
    subject = vendor.subjects[name]
    operation = next(o for o in vendor.operations.values() if not o.writes and vendor.applies(subject, o))
    lifecycle = vendor.lifecycle_of(operation.id)
    assert lifecycle is not None
    return subject, lifecycle, operation.id


moments = st.floats(0, 1.2 * DURATION, allow_nan=False).map(lambda moment: round(moment, 2))
polls = st.tuples(moments, st.floats(0, 15).map(lambda s: round(s, 2)), st.floats(0, 15).map(lambda s: round(s, 2)))


@pytest.mark.parametrize(("name", "subject_name"), WATCHED)
@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_legal_lifecycle(name: str, subject_name: str, data: st.DataObject) -> None:
    """However a legal lifecycle is sampled (any rate, overlapping polls, gaps in between), nothing is found."""
    vendor = view(name)
    subject, lifecycle, operation = subject_of(vendor, subject_name)
    server, clock, request = played(vendor, subject, data.draw(walks(lifecycle, operation)))
    asked(server, request)
    sampled = sorted(data.draw(st.lists(polls, min_size=2, max_size=12)))
    lost = data.draw(st.dictionaries(st.integers(0, 11), st.sampled_from(GAPS), max_size=3))
    exchanges = []
    for number, (moment, before, after) in enumerate(sampled):
        clock.now = moment
        answer = lost[number] if number in lost else asked(server, request)
        exchanges.append(Exchange(request, answer, moment - before, moment + after, subject=None, number=number))
    assert findings(vendor, data.draw(st.permutations(exchanges))) == []


def progress(vendor: Vendor, answer: Answer) -> tuple[str, Any]:
    """The pointer of a value that never decreases, and what it is in an answer."""
    belief = next(b for b in vendor.beliefs if b.keyword == "never-decreases" and "each" not in b.says)
    pointer = belief.says["value"].removeprefix("$response.body#")
    value: Any = answer.reading.value
    for token in pointer.split("/")[1:]:
        value = value.get(token) if isinstance(value, dict) else None
    return pointer, value


def less(answer: Answer, pointer: str, value: int) -> Answer:
    """An answer with another value at a pointer."""
    body = json.loads(answer.content)
    inner = body
    *way, last = pointer.split("/")[1:]
    for token in way:
        inner = inner[token]
    inner[last] = value
    return replace(answer, content=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("name", "subject_name"), [row for row in WATCHED if row[0] in {"logpresso_sonar", "rocket_chat"}]
)
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(moments=st.lists(moments, min_size=4, max_size=12, unique=True), data=st.data())
def test_progress_that_goes_back(name: str, subject_name: str, moments: list[float], data: st.DataObject) -> None:
    """One poll that shows less than an earlier one is found, whatever the rate."""
    vendor = view(name)
    subject, _, _ = subject_of(vendor, subject_name)
    server, clock, request = played(vendor, subject, subject.path)
    asked(server, request)
    exchanges = []
    for number, moment in enumerate(sorted(moments)):
        clock.now = moment
        exchanges.append(Exchange(request, asked(server, request), moment, moment, number=number))
    shown = [progress(vendor, e.answer)[1] for e in exchanges if e.answer]
    places = [place for place in range(1, len(shown)) if isinstance(shown[place - 1], int) and shown[place - 1] > 0]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    answer = exchanges[place].answer
    assert answer is not None
    pointer, _ = progress(vendor, answer)
    spoilt = less(answer, pointer, data.draw(st.integers(0, shown[place - 1] - 1)))
    exchanges[place] = replace(exchanges[place], answer=spoilt)
    assert any("/never-decreases/" in finding for finding in findings(vendor, exchanges))


@pytest.mark.parametrize(("name", "subject_name"), [row for row in WATCHED if row[0] != "rocket_chat"])
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(moments=st.lists(moments, min_size=3, max_size=12, unique=True), again=st.floats(0, 0.3))
def test_an_end_that_is_left(name: str, subject_name: str, moments: list[float], again: float) -> None:
    """What has shown its end and shows its beginning again is found, however many polls lie between."""
    vendor = view(name)
    subject, _, _ = subject_of(vendor, subject_name)
    server, clock, request = played(vendor, subject, subject.path)
    first = asked(server, request)
    exchanges = []
    for number, moment in enumerate([*sorted(moments), DURATION + 1, DURATION + 2]):
        clock.now = moment
        exchanges.append(Exchange(request, asked(server, request), moment, moment, number=number))
    late = DURATION + 3 + again
    exchanges.append(Exchange(request, first, late, late, number=len(exchanges)))
    assert any("/lifecycle/" in finding for finding in findings(vendor, exchanges))
