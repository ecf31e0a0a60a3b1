"""The one door out: what goes through it, signed how, and within which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.judge.verdict import Outcome
from pollspec.trial.request import build
from pollspec.trial.selection import Plan
from pollspec.trial.target import LEFT_OUT, Settings, cards
from pollspec.trial.trial import Trial
from pollspec.trial.wire.limits import Limits, Trouble
from tests.conftest import verdicts, view
from tests.wire import Wire, wired

KEY: dict[str, Mapping[str, str]] = {"default": {"$request.header.X-Potter": "the-key-of-the-potter"}}


def kiln(vendor: Vendor) -> Operation:
    """An operation without identifiers."""
    return vendor.operations["getKiln"]


def test_the_credential_is_added(sixth: Vendor) -> None:
    """A request is signed with its credential's headers, once, and with no others."""
    target, wire = wired(sixth, Settings(credentials=KEY))
    target.send(build(sixth, kiln(sixth), {}))
    assert [value for name, value in wire.sent[0].headers if name == "X-Potter"] == ["the-key-of-the-potter"]


def test_what_is_not_safe_needs_leave(sixth: Vendor) -> None:
    """Whoever made it up, a request that may change something is not sent where nobody allowed that."""
    start = build(sixth, sixth.operations["startFiring"], {})
    target, wire = wired(sixth, Settings(credentials=KEY))
    exchange = target.send(start)
    assert exchange.answer is None and exchange.trouble.startswith("not sent: it may change something")
    assert (wire.sent, target.exchanges) == ([], [])
    target, wire = wired(sixth, cards(sixth))
    assert target.send(start).succeeded and len(wire.sent) == 1


@pytest.mark.parametrize("credential", ["none", "unprivileged"])
def test_no_credential(sixth: Vendor, credential: str) -> None:
    """Without a credential, or with one that was not given, nothing is signed."""
    target, wire = wired(sixth, Settings(credentials=KEY))
    target.send(build(sixth, kiln(sixth), {}), credential)
    assert "X-Potter" not in dict(wire.sent[0].headers)


def test_a_header_of_its_own_wins(sixth: Vendor) -> None:
    """A header that a request brings along takes the place of the credential's, in whatever case."""
    target, wire = wired(sixth, Settings(credentials=KEY))
    target.send(replace(build(sixth, kiln(sixth), {}), headers=(("x-potter", "mine"),)))
    assert [value for name, value in wire.sent[0].headers if name.lower() == "x-potter"] == ["mine"]


def test_a_header_that_is_left_out(sixth: Vendor) -> None:
    """A header that a request leaves out on purpose is not sent, not even the credential's."""
    target, wire = wired(sixth, Settings(credentials=KEY))
    request = build(sixth, kiln(sixth), {"$request.header.X-Potter": None})
    assert ("X-Potter", LEFT_OUT) in request.headers
    target.send(request)
    assert "X-Potter" not in dict(wire.sent[0].headers)


def test_credentials_are_masked(sixth: Vendor) -> None:
    """What signs a request is known to the masks as soon as the target is there."""
    target, _ = wired(sixth, Settings(credentials=KEY))
    assert target.masks.mask("with the-key-of-the-potter") == "with <default X-Potter>"


@pytest.mark.parametrize(
    ("base", "path"), [(None, "/loam/v2/kiln"), ("", "/kiln"), ("/behind/a/proxy", "/behind/a/proxy/kiln")]
)
def test_base_path(sixth: Vendor, base: str | None, path: str) -> None:
    """The document's base path stands before every path, unless the target file has another."""
    target, wire = wired(sixth, Settings(base_path=base))
    target.send(build(sixth, kiln(sixth), {}))
    assert wire.sent[0].target == path


def test_exchanges_are_kept_in_order(sixth: Vendor) -> None:
    """Every exchange is kept, numbered, timed on the target's clock, and counted by operation."""
    target, _ = wired(sixth, Settings(credentials=KEY))
    for seconds in (0, 5):
        target.clock.sleep(seconds)
        target.send(build(sixth, kiln(sixth), {}), subject="bowls")
    assert [(e.number, e.start, e.end, e.subject) for e in target.exchanges] == [(0, 0, 0, "bowls"), (1, 5, 5, "bowls")]
    assert target.counted["getKiln"] == 2


def test_what_was_asked_is_recorded_without_the_base_path(sixth: Vendor) -> None:
    """An exchange holds the document's path and the headers that were really sent."""
    target, wire = wired(sixth, Settings(credentials=KEY))
    exchange = target.send(build(sixth, kiln(sixth), {}))
    assert exchange.request.target == "/kiln"
    assert exchange.request.headers == wire.sent[0].headers


def test_a_lost_connection_is_an_exchange(sixth: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no answer, the exchange says how it was lost, and nothing is raised."""

    def lost(self: Wire, request: Request, *limits: object) -> Answer:
        raise Trouble("the connection was reset")

    monkeypatch.setattr(Wire, "send", lost)
    target, _ = wired(sixth, Settings())
    exchange = target.send(build(sixth, kiln(sixth), {}))
    assert (exchange.answer, exchange.trouble) == (None, "the connection was reset")


def test_no_redirect_is_followed() -> None:
    """A redirect is an answer; nobody goes where it leads."""
    keycard = view("keycard")
    target, wire = wired(keycard, cards(keycard))
    task = build(keycard, keycard.operations["getTask"], keycard.subjects["finished"].given)
    target.send(task)
    target.clock.sleep(60)
    exchange = target.send(task)
    assert exchange.answer is not None
    assert exchange.answer.status == 303
    assert len(wire.sent) == 2


def test_rate(sixth: Vendor) -> None:
    """So many requests a second at most: the clock moves on where they would be more."""
    target, _ = wired(sixth, Settings(limits=Limits(rate=2)))
    for _ in range(5):
        target.send(build(sixth, kiln(sixth), {}))
    assert target.clock() >= 2
    assert all(
        later.start - earlier.start >= 0.5
        for earlier, later in zip(target.exchanges, target.exchanges[1:], strict=False)
    )


def test_budget(sixth: Vendor) -> None:
    """A run whose budget is spent sends nothing more, judges what it has, and says so."""
    target, wire = wired(sixth, replace(cards(sixth), limits=Limits(requests=7)))
    trial = Trial(sixth, lambda: target, Plan(), sixth.beliefs)
    outcomes = {verdict.outcome for verdict in verdicts(trial).values()}
    assert len(wire.sent) == 7
    assert "7 requests" in trial.spent
    assert outcomes == {Outcome.KEPT, Outcome.NOT_TRIED}
    assert all("7 requests" in v.wants for v in verdicts(trial).values() if v.outcome is Outcome.NOT_TRIED)


def test_given(sixth: Vendor) -> None:
    """An identifier is given only to operations that take it; what never was serves everywhere without a file."""
    target, _ = wired(sixth, Settings(subjects={"bowls": [{"$request.query.room": "south"}]}))
    get, room = sixth.operations["getFiring"], sixth.operations["getDrying"]
    assert list(target.identified("bowls", room)) == [({"$request.query.room": "south"}, "default")]
    assert list(target.identified("bowls", get)) == []
    assert list(target.identified("finished", get)) == []
    assert list(target.identified("unknown", get)) == [(sixth.subjects["unknown"].given, "default")]


def test_nothing_is_renewed_on_a_live_server(sixth: Vendor) -> None:
    """A live server stays what it is; only an embedded one starts afresh."""
    target, _ = wired(sixth, Settings())
    target.renew()
    assert (target.embedded, target.session) == (False, 0)
