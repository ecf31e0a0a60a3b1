"""Two at a time: what is asked at the same moment, the older one after the newer, and what was started unasked."""

from __future__ import annotations

import gc
import itertools
import sys
import threading
import types
from dataclasses import replace
from functools import partial

from pollspec.document.messages import Request
from pollspec.doors.run import carry_out, forget_contract_tests
from pollspec.judge.exchange import Exchange
from pollspec.servers import faults
from pollspec.servers.faults import Impolite
from pollspec.servers.polite import Mock
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.settings import Settings
from pollspec.trial.target import Target, cards
from pollspec.trial.trial import Trial
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.transports import Live
from tests.conftest import view
from tests.rawserver import Connection, RawServer, answer
from tests.serving import PATIENCE, served
from tests.wire import wired

ONTAP = "netapp_ontap"


def started(exchange: Exchange) -> str:
    """The uuid that a start has handed out."""
    assert exchange.answer is not None
    return str(exchange.answer.reading.value["job"]["uuid"])


def wire(settings: Settings) -> Target:
    """A target that is not embedded."""
    return wired(view(ONTAP), settings)[0]


ASKED = [Request("getJob", "GET", f"/jobs/{name}", {}, (), b"") for name in ("a", "b")]


def test_both_are_sent_before_one_is_answered() -> None:
    """A server that answers nobody before it has heard both answers both."""
    both = threading.Barrier(2)

    def behave(connection: Connection) -> None:
        name = connection.request().split()[1]
        both.wait(PATIENCE)
        connection.send(answer({"path": name.decode()}))

    with RawServer(behave) as server:
        told = Live(server.url, Limits()).send_at_once(ASKED)
    assert [one.reading.value["path"] for one in told if one] == ["/jobs/a", "/jobs/b"]


def test_a_server_with_room_for_one_connection_answers_both() -> None:
    """A server that serves one connection to its end before it takes the next one keeps nobody waiting."""
    turn = threading.Lock()

    def behave(connection: Connection) -> None:
        with turn:
            while name := connection.request():
                connection.send(answer({"path": name.split()[1].decode()}))

    with RawServer(behave) as server:
        told = Live(server.url, Limits(timeout=PATIENCE)).send_at_once(ASKED)
    assert sorted(one.reading.value["path"] for one in told if one) == ["/jobs/a", "/jobs/b"]


def test_an_answer_that_is_lost_is_nobodys() -> None:
    """A server that hangs up on the second connection has answered the first, and is blamed for nothing."""

    def behave(connection: Connection) -> None:
        if connection.request().split()[1] == b"/jobs/a":
            connection.send(answer({}))
        connection.reset()

    with RawServer(behave) as server:
        told = Live(server.url, Limits()).send_at_once(ASKED)
    assert [one is None for one in told] == [False, True]


def test_nothing_is_asked_at_once_where_requests_are_spaced() -> None:
    """Whoever allows so many requests a second gets no two at the same moment."""
    ontap = view(ONTAP)
    for rate, number in ((None, 2), (5.0, 0)):
        settings = replace(cards(ontap), allow_writes=False, limits=Limits(rate=rate))
        trial = Trial(ontap, partial(wire, settings), Plan(), ontap.beliefs)
        trial.run()
        assert sum(exchange.at_once for exchange in trial.target.exchanges) == number


def test_the_older_is_asked_about_after_the_newer_has_begun() -> None:
    """Each start but the last one is looked back on before the next one is followed."""
    ontap = view(ONTAP)
    trial = Trial(ontap, lambda: wired(ontap, cards(ontap))[0], Plan(), ontap.beliefs)
    trial.run()
    asked = trial.target.exchanges
    starts = [place for place, e in enumerate(asked) if e.operation == "startDownload" and e.succeeded]
    minted = [started(asked[place]) for place in starts]
    assert len(minted) > 1
    for place, older in zip(starts[1:], minted, strict=False):
        assert asked[place + 1].request.parameters["uuid"] == older


def test_a_start_that_a_stranger_gets_is_followed_to_its_end() -> None:
    """What a live server starts for whoever says not who he is, is polled until it is over, like any other."""
    ontap = view(ONTAP)
    fault = faults.find(ontap, "answers-strangers:startDownload/refuses/no-credential")
    with served(Impolite(Mock(ontap, duration=0.2), ontap, fault)) as url:
        known = Destination(url, allow_writes=True, interval=0.05)
        trial = Trial(ontap, lambda: reach(Background(ontap), known), Plan(), ontap.beliefs)
        carry_out(trial)
    asked = trial.target.exchanges
    strange = [place for place, e in enumerate(asked) if e.credential == "none" and e.succeeded]
    uuid = started(asked[strange[0]])
    polled = [e for e in asked[strange[0] + 1 :] if e.request.parameters.get("uuid") == uuid]
    assert polled and ontap.lifecycles["download"].kinds(
        ontap.lifecycles["download"].shown("getJob", polled[-1].request, polled[-1].answer)
    ) == {"done"}


def test_a_mock_may_import_while_a_run_begins() -> None:
    """The contract tests are imported anew, whatever another thread imports at that moment."""
    names = (f"meanwhile_{number}" for number in itertools.count())
    before, thresholds = set(sys.modules), gc.get_threshold()

    def imports(_: str, __: dict[str, int]) -> None:
        name = next(names)
        sys.modules[name] = types.ModuleType(name)

    gc.callbacks.append(imports)
    gc.set_threshold(1)
    try:
        forget_contract_tests()
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(imports)
    meanwhile = set(sys.modules) - before
    for name in meanwhile:
        del sys.modules[name]
    assert meanwhile
