"""Statuses of a document: codes, classes of codes and `default` are read, played and judged alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pollspec.document.loader import view
from pollspec.document.operations import Operation
from pollspec.document.source import parse
from pollspec.document.vendor import Vendor
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from tests.exchanges import Talk

WORDS = {"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}, "example": {"a": 1}}}}


def with_statuses(*statuses: str) -> Vendor:
    """A document whose one operation documents these; each with a body that must have an `a`."""
    responses = {status: {"description": status, **WORDS} for status in statuses}
    operation = {"operationId": "getThing", "responses": responses}
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Statuses", "version": "1.0.0"},
        "paths": {"/thing": {"get": operation}},
    }
    return view(parse(json.dumps(content), "statuses", "statuses.json"))


def operation_of(vendor: Vendor) -> Operation:
    """The one operation."""
    return vendor.operations["getThing"]


@pytest.mark.parametrize(
    ("statuses", "codes"),
    [
        ("200 404", "200 404"),
        ("2XX 4XX", "200 400"),
        ("2XX 200 201", "202 200 201"),
        ("200 default", "200 500"),
        ("200 500 default", "200 500 501"),
        ("200 5XX default", "200 500 400"),
        ("303 default", "303 500"),
        ("404 default", "404 200"),
        ("default", "200"),
        ("4XX 5XX default", "400 500 200"),
    ],
)
def test_codes(statuses: str, codes: str) -> None:
    """Each has a code that falls under it and under no other; `default` is a success where no other is documented."""
    responses = operation_of(with_statuses(*statuses.split())).responses
    assert [str(response.code) for response in responses] == codes.split()
    assert [response.is_success for response in responses] == [response.code < 400 for response in responses]


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "200"), (201, "2XX"), (299, "2XX"), (404, "default"), (303, "default")]
)
def test_the_closest_is_met(status: int, expected: str) -> None:
    """A code says more than a class, and a class more than `default`, in whatever order they stand."""
    found = operation_of(with_statuses("default", "2XX", "200")).response(status)
    assert found is not None
    assert found.status == expected


def test_nothing_is_met() -> None:
    """A status that nothing covers is not documented."""
    assert operation_of(with_statuses("200", "4XX")).response(500) is None
    assert operation_of(with_statuses("404", "5XX")).success is None


@pytest.mark.parametrize(("statuses", "code"), [("2XX 4XX", 200), ("default", 200), ("404 default", 200), ("303", 303)])
def test_played(statuses: str, code: int) -> None:
    """The polite server plays the first success, whichever way it is documented."""
    answer = Mock(with_statuses(*statuses.split())).respond("GET", "/thing", "", (), b"")
    assert (answer.status, json.loads(answer.content)) == (code, {"a": 1})


@pytest.mark.parametrize(
    ("statuses", "judged"),
    [("200 404", True), ("200 2XX", False), ("default", False), ("404", False), ("200 default", False)],
)
def test_an_undocumented_success(statuses: str, judged: bool) -> None:
    """That no other success comes is believed only where there may be one that is not documented."""
    names = {belief.name for belief in with_statuses(*statuses.split()).beliefs if belief.keyword == "status"}
    assert ("success" in names) is judged


ANSWERS: list[tuple[str, int, Any, str, Outcome]] = [
    ("2XX", 207, {"a": 1}, "2XX", Outcome.KEPT),
    ("2XX", 207, {}, "2XX", Outcome.DEVIATES),
    ("200 4XX", 418, {}, "4XX", Outcome.DEVIATES),
    ("200 default", 422, {}, "default", Outcome.DEVIATES),
    ("200 default", 422, {"a": 1}, "default", Outcome.KEPT),
    ("200 4XX", 429, {}, "4XX", Outcome.NOT_TRIED),
    ("200 default", 503, {}, "default", Outcome.NOT_TRIED),
    ("200 429", 429, {}, "429", Outcome.DEVIATES),
]


@pytest.mark.parametrize(("statuses", "status", "body", "response", "outcome"), ANSWERS)
def test_judged(statuses: str, status: int, body: Any, response: str, outcome: Outcome) -> None:
    """A body is held to the closest documented answer; a gateway's only where its very code is documented."""
    talk = Talk(with_statuses(*statuses.split()))
    talk.say("getThing", body, status)
    assert talk.outcome(f"getThing/response/{response}") is outcome


def test_samples_of_any_status() -> None:
    """A sample is judged, whatever its status is called."""
    talk = Talk(with_statuses("2XX", "4XX", "default"))
    for status in ("2XX", "4XX", "default"):
        assert talk.outcome(f"getThing/sample/{status}.example") is Outcome.KEPT


def test_a_schema_for_each_media_type() -> None:
    """A body is held to the schema of its own media type; each of them gives its beliefs."""
    media = {
        "application/json": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        "application/problem+json": {"schema": {"type": "object", "properties": {"title": {"type": "string"}}}},
    }
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Media", "version": "1.0.0"},
        "paths": {
            "/thing": {
                "get": {"operationId": "getThing", "responses": {"404": {"description": "No.", "content": media}}}
            }
        },
    }
    vendor = view(parse(json.dumps(content), "media", "media.json"))
    talk = Talk(vendor)
    talk.say("getThing", {"a": "x", "title": 7}, 404, headers={"Content-Type": "application/problem+json"})
    assert talk.outcome("getThing/schema/404.title") is Outcome.DEVIATES
    assert talk.outcome("getThing/schema/404.a") is Outcome.NOT_TRIED


def test_no_responses_at_all() -> None:
    """An operation that documents no answer is asked, and nothing but a crash is found."""
    vendor = with_statuses()
    assert operation_of(vendor).success is None
    assert [belief.name for belief in vendor.beliefs] == ["no-crash"]
    assert Mock(vendor).respond("GET", "/thing", "", (), b"").status == 200
