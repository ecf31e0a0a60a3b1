"""Ovens: polite servers of documents/oven.yaml with one thing spoilt, their trials and the reports on them."""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Callable
from typing import Any

from pollspec.document.loader import load
from pollspec.document.messages import Answer
from pollspec.document.vendor import Vendor
from pollspec.reports.report import Report
from pollspec.reports.rows import gather
from pollspec.servers.polite import Mock
from pollspec.trial.selection import Plan
from pollspec.trial.target import cards, embedded
from pollspec.trial.trial import Trial
from pollspec.trial.wire.pace import Clock
from tests.conftest import verdicts

DOCUMENT = pathlib.Path(__file__).parent / "documents" / "oven.yaml"
BELIEFS = load(str(DOCUMENT)).beliefs
KEY = "the-bakers-very-own-key"
WRONG_KEY = "the-wrong-key-altogether"
NASTY = "\x1b[31m [red]loud[/red] <script>alert(1)</script> \x00 \u202e ]]> | `x` ```"
"""What a server may send: terminal escapes, rich's markup, a script, NUL, a mark that turns the line around."""

Spoil = Callable[[dict[str, Any], int], None]


class Oven(Mock):
    """Spoils the body of each success it shows; `spoil` gets the body and how often that loaf was shown before."""

    def __init__(self, vendor: Vendor, clock: Clock, spoil: Spoil) -> None:
        super().__init__(vendor, clock, duration=720)
        self.spoil = spoil
        self.shown: dict[str, int] = {}

    def respond(self, method: str, path: str, query: str, headers: Any, content: bytes) -> Answer:
        """The polite answer, spoilt."""
        answer = super().respond(method, path, query, headers, content)
        if method != "GET" or answer.status != 200:
            return answer
        body, before = json.loads(answer.content), self.shown.get(path, 0)
        self.shown[path] = before + 1
        self.spoil(body, before)
        return Answer(answer.status, answer.headers, json.dumps(body, ensure_ascii=False).encode())


def good(body: dict[str, Any], before: int) -> None:
    """Spoils nothing."""


def pale(body: dict[str, Any], before: int) -> None:
    """The crust goes back once."""
    if before == 9:
        body["crust"] = 5


def bakes_again(body: dict[str, Any], before: int) -> None:
    """A loaf that was baked is in the oven again."""
    if before == 13 and body["state"] == "baked":
        body["state"] = "baking"


def silent(body: dict[str, Any], before: int) -> None:
    """A baked loaf does not say so."""
    if body["state"] == "baked":
        body["note"] = "Hm."


def everything(body: dict[str, Any], before: int) -> None:
    """Every misdeed at once."""
    for misdeed in (pale, bakes_again, silent):
        misdeed(body, before)


def nasty(body: dict[str, Any], before: int) -> None:
    """The body is full of what must not be printed raw, and has a number for an id."""
    body["note"], body["crust"], body["state"] = NASTY, NASTY, f"baking {NASTY}"


def leaking(body: dict[str, Any], before: int) -> None:
    """The body repeats the key, also where it will be cut."""
    body["note"], body["crust"] = f"your key is {KEY}", f"{'x' * 100}{KEY}"


def trial(make: Callable[[Vendor, Clock], Any]) -> Trial:
    """A trial of a server of the oven's document; nothing is asked yet."""
    vendor = load(str(DOCUMENT))
    target = functools.partial(embedded, vendor, functools.partial(make, vendor), cards(vendor))
    return Trial(vendor, target, Plan(examples=2), vendor.beliefs)


def spoilt(spoil: Spoil) -> Trial:
    """A trial of a spoilt oven; nothing is asked yet."""
    return trial(functools.partial(Oven, spoil=spoil))


@functools.cache
def ended(spoil: Spoil) -> Trial:
    """The trial of a spoilt oven, at its end."""
    tried = spoilt(spoil)
    assert verdicts(tried)
    return tried


def report(spoil: Spoil, **given: Any) -> Report:
    """The report on a spoilt oven."""
    return report_on(ended(spoil), **given)


def report_on(tried: Trial, **given: Any) -> Report:
    """The report on a trial, at its end."""
    made = Report("0.0", tried.plan.seed, **{"strict": False, "began": "2026-11-24T08:00:00Z", **given})
    assert verdicts(tried)
    gather(made, tried, "pollspec test oven.yaml")
    return made
