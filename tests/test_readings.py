"""What is left out of the readings of a text, because it can hold nothing, holds nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pollspec.document.loader import load
from pollspec.document.messages import Answer, Request
from pollspec.forms import Finder
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge
from pollspec.judge.keywords.keeps_secret import reveals
from pollspec.readings import readings
from tests.encoders import ENCODERS, SECRETS

TEXTS = st.text(max_size=40) | st.sampled_from(["", "QUJD" * 20, "%41\\u0041&amp;", "deadbeef" * 9, "ABCDEFGH" * 4])


@settings(max_examples=300, deadline=None)
@given(SECRETS, st.sampled_from(list(ENCODERS)), st.sampled_from(list(ENCODERS)), TEXTS, TEXTS)
def test_nothing_is_lost(secret: str, one: str, other: str, before: str, after: str) -> None:
    """A secret in two forms upon each other is found where all readings are looked at, and no less otherwise."""
    text = f"{before}{ENCODERS[other](ENCODERS[one](secret))}{after}".encode("utf-8", "surrogatepass")
    finder = Finder(4, [secret])
    found = set(finder.find(text))
    machines = finder._machines
    assert found == {one for r in readings(text, lambda _: True) for machine in machines for one in machine.find(r)}


@pytest.mark.parametrize("text", ["", "plain words", "deadbeef" * 9, json.dumps({"uuid": "00000000-5feb-11e8-b0e0"})])
def test_plain_texts_have_few_readings(text: str) -> None:
    """What has no escape is read once as it stands; what it says in digits is read only where that may concern."""
    assert len(list(readings(text.encode(), lambda _: False))) == 1


def test_one_of_several_secrets_is_revealed() -> None:
    """An answer reveals one of several secrets, whichever it is, and none where none is."""
    answer = Answer(200, (), b"it was the-second-of-them")
    assert reveals(answer, "the-first-of-them", "the-second-of-them")
    assert not reveals(answer, "the-first-of-them", "the-third-of-them")


def test_a_body_stays_read_until_the_next_is_judged() -> None:
    """The latest answer's body is at hand for those who look at it next; that of the one before is forgotten."""
    vendor = load("keycard")
    judging = Judge(vendor)
    operation = next(iter(vendor.operations))
    first, second = (
        Exchange(
            Request(operation, "GET", "/"), Answer(200, (("content-type", "application/json"),), b"{}"), at, at + 1
        )
        for at in (0.0, 2.0)
    )
    for exchange in (first, second):
        judging.see(exchange)
        assert exchange.answer is not None and "reading" in vars(exchange.answer)
    assert first.answer is not None and "reading" not in vars(first.answer)
