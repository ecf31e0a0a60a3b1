"""What a run may take, and what stops it: rates, Retry-After, budgets, deadlines, Ctrl-C; what else may be typed."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import pytest

from pollspec.document import loader
from pollspec.document.messages import Answer
from pollspec.errors import PollspecError
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, overruled, reach
from pollspec.trial.request import build
from pollspec.trial.selection import Plan
from pollspec.trial.target import INSECURE, Settings, Target
from pollspec.trial.trial import Trial
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.pace import BudgetSpent, Pace, VirtualClock
from pollspec.trial.wire.patience import Patience
from pollspec.trial.wire.quotas import quota, retry_after
from pollspec.trial.wire.transports import AGENT, Live
from tests.livetrial import LIMITS, TOKEN, VENDOR, is_friend, judged, settings, tried
from tests.rawserver import Connection, RawServer, always, answer

GOOD = {
    "success": True, "key": "k", "name": "n", "step": "importer_importing_files", "count": {"completed": 1, "total": 2}
}  # fmt: skip
REFUSED = answer({"success": False, "error": "unauthorized"}, status="401 Unauthorized")
COMMAND = [sys.executable, "-c", "from pollspec.cli import main; main()"]


def run(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """A command, as a user types it."""
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=120, check=False, **more)


def ready(*headers: str, status: str = "200 OK") -> Answer:
    """An answer with some headers."""
    split = tuple((name.lower(), value) for name, _, value in (text.partition(": ") for text in headers))
    return Answer(int(status[:3]), split)


DATE = "Date: Fri, 31 Dec 1999 23:59:29 GMT"
RETRY = {
    "seconds": (ready("Retry-After: 7"), 7.0),
    "none": (ready(), None),
    "a-date": (ready("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", DATE), 30.0),
    "an-old-form": (ready("Retry-After: Friday, 31-Dec-99 23:59:59 GMT", "Date: Fri, 31 Dec 1999 23:59:58 GMT"), 1.0),
    "asctime": (ready("Retry-After: Fri Dec 31 23:59:59 1999", "Date: Fri, 31 Dec 1999 23:59:57 GMT"), 2.0),
    "a-past-date": (ready("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"), 0.0),
    "negative": (ready("Retry-After: -5"), None),
    "a-fraction": (ready("Retry-After: 1.5"), None),
    "words": (ready("Retry-After: soon"), None),
    "huge": (ready("Retry-After: " + "9" * 30), None),
    "no-such-day": (ready("Retry-After: Fri, 99 Dec 1999 23:59:59 GMT"), None),
    "year-10000": (ready("Retry-After: Fri, 31 Dec 99999 23:59:59 GMT"), None),
}


@pytest.mark.parametrize(("given", "seconds"), RETRY.values(), ids=RETRY)
def test_retry_after(given: Answer, seconds: float | None) -> None:
    """A Retry-After is seconds, or a date that counts from the answer's own; anything else asks for nothing."""
    assert retry_after(given) == seconds


def test_rate() -> None:
    """Requests leave no faster than the rate."""
    clock = VirtualClock()
    pace = Pace(Limits(rate=4), clock)
    for _ in range(9):
        pace.wait()
    assert clock() == 2.0


def test_a_429_holds_everything() -> None:
    """After a 429 the next request waits, whatever it asks; the pause is capped."""
    clock = VirtualClock()
    pace = Pace(Limits(pause=60), clock)
    pace.wait()
    pace.heed(ready("Retry-After: 7", status="429 No"))
    pace.wait()
    assert clock() == 7.0
    pace.heed(ready("Retry-After: 86400", status="429 No"))
    pace.wait()
    assert clock() == 67.0


def test_a_429_that_names_no_time() -> None:
    """Where a 429 names no time the pause doubles, and starts anew after another answer."""
    clock, waited = VirtualClock(), []
    pace = Pace(Limits(), clock)
    for status in ("429 No", "429 No", "429 No", "200 OK", "429 No", "200 OK"):
        before = clock()
        pace.wait()
        waited.append(clock() - before)
        pace.heed(ready(status=status))
    assert waited == [0, 1, 2, 4, 0, 1]


QUOTAS = {
    "nothing": (ready(), (None, None)),
    "a-delta": (ready("RateLimit-Remaining: 0", "RateLimit-Reset: 30"), (0, 30)),
    "a-moment": (ready("X-RateLimit-Reset: 1800000030", "Date: Fri, 15 Jan 2027 08:00:00 GMT"), (None, 30)),
    "milliseconds": (ready("X-RateLimit-Reset: 1800000030500", "Date: Fri, 15 Jan 2027 08:00:00 GMT"), (None, 30.5)),
    "a-past-moment": (ready("X-RateLimit-Reset: 1700000000"), (None, 0)),
    "a-fraction": (ready("X-RateLimit-Reset-After: 1.25"), (None, 1.25)),
    "a-date": (ready("X-Rate-Limit-Reset: Fri, 31 Dec 1999 23:59:59 GMT", DATE), (None, 30)),
    "one-header": (ready('RateLimit: "default";r=0;t=12'), (0, 12)),
    "one-older-header": (ready("RateLimit: limit=100, remaining=7, reset=50"), (7, 50)),
    "a-policy-alone": (ready('RateLimit-Policy: "default";q=100;w=60'), (None, None)),
    "less-than-nothing": (ready("X-RateLimit-Remaining: -2"), (0, None)),
    "words": (ready("X-RateLimit-Remaining: few", "X-RateLimit-Reset: soon"), (None, None)),
    "huge": (ready("X-RateLimit-Reset: " + "9" * 30, "X-RateLimit-Remaining: " + "9" * 30), (None, None)),
    "after-the-end-of-time": (ready("X-RateLimit-Reset: " + "9" * 15), (None, None)),
}


@pytest.mark.parametrize(("given", "found"), QUOTAS.values(), ids=QUOTAS)
def test_quotas(given: Answer, found: tuple[float | None, float | None]) -> None:
    """What limiters say is read in each of the forms they use; a moment counts from the answer's own Date."""
    assert quota(given) == found


PAUSES = {
    "a-429-with-both": (ready("Retry-After: 7", "X-RateLimit-Reset: 30", status="429 No"), 7.0),
    "a-429-with-a-reset": (ready("X-RateLimit-Reset: 30", status="429 No"), 30.0),
    "a-429-with-neither": (ready(status="429 No"), 1.0),
    "a-429-with-an-hour": (ready("X-RateLimit-Reset: 3600", status="429 No"), 60.0),
    "a-503-with-a-time": (ready("Retry-After: 3", status="503 No"), 3.0),
    "a-503-with-a-reset": (ready("X-RateLimit-Reset: 30", status="503 No"), 0.0),
    "the-last-of-a-quota": (ready("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 30"), 30.0),
    "a-cut-date": (ready("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 60.5"), 60.5),
    "the-last-for-an-hour": (ready("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 3600"), 0.0),
    "some-of-a-quota": (ready("X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 30"), 0.0),
    "a-retry-after-of-a-success": (ready("Retry-After: 7"), 0.0),
}


@pytest.mark.parametrize(("given", "seconds"), PAUSES.values(), ids=PAUSES)
def test_pauses(given: Answer, seconds: float) -> None:
    """A pause that an answer asks for is made before the next request, and is no longer than a run's longest."""
    clock = VirtualClock()
    pace = Pace(Limits(pause=60), clock)
    pace.heed(given)
    pace.wait()
    assert clock() == seconds


def test_a_503_that_names_a_time() -> None:
    """A 503 holds the run if it names a time, and only then."""
    clock = VirtualClock()
    pace = Pace(Limits(), clock)
    pace.heed(ready(status="503 No"))
    pace.wait()
    assert clock() == 0
    pace.heed(ready("Retry-After: 3", status="503 No"))
    pace.wait()
    assert clock() == 3


def test_the_time_of_a_run() -> None:
    """A wait that would outlast the run ends it at once, and so does the time that is over."""
    clock = VirtualClock()
    pace = Pace(Limits(time=10), clock)
    pace.sleep(4)
    assert pace.left() == 6
    with pytest.raises(BudgetSpent, match="the 10 s of the run are over"):
        pace.sleep(7)
    assert clock() == 4
    clock.sleep(6)
    with pytest.raises(BudgetSpent, match="the 10 s of the run are over"):
        pace.wait()


def test_patience() -> None:
    """An operation is given up after several failures in a row that took some time; a success starts anew."""
    patience = Patience(Limits(patience=10))
    for second, failure in ((0, None), (5, ready(status="429 No")), (9, ready(status="503 No"))):
        patience.note("one", second, failure, "lost")
    assert patience.is_over("one", 10)
    assert not patience.is_over("one", 9)
    assert not patience.is_over("two", 99)
    assert (
        patience.in_vain(10)
        == "only failed (1 times lost, 1 times 429 (too many requests), 1 times 503), with no success within 10 s"
    )
    assert patience.in_vain(9.9) == ""
    patience.note("one", 10, ready(status="404 No"))
    assert not patience.is_over("one", 99)
    assert patience.in_vain(99) == ""


def test_patience_with_one_operation() -> None:
    """An operation that fails while others succeed is given up alone, and not for one failure between two far polls."""
    patience = Patience(Limits(patience=10))
    patience.note("one", 0, ready())
    patience.note("two", 1, ready(status="503 No"))
    assert not patience.is_over("two", 500)
    patience.note("two", 5, ready(status="503 No"))
    patience.note("two", 11, ready(status="600 No"))
    assert patience.is_over("two", 11)
    assert patience.in_vain(11) == ""
    assert patience.why("two") == "only failed (2 times 503, 1 times 600)"


def test_polls_of_what_only_failed() -> None:
    """Where nothing has succeeded yet, polls are no further apart than patience needs; else as they should be."""
    clock = VirtualClock()
    pace = Pace(Limits(patience=120), clock)
    pace.patience.note("one", 0, ready(status="503 No"))
    pace.sleep(300)
    assert clock() == 30
    assert pace.answer_within() == 90
    pace.patience.note("one", 30, ready())
    pace.sleep(300)
    assert clock() == 330
    assert pace.answer_within() is None


def limited(limits: Limits, examples: int = 0) -> tuple[Trial, int]:
    """A trial of a good server within some limits, and how many requests it got."""
    with RawServer(friends) as server:
        found = tried(server.url, settings(limits=limits), examples=examples)
        return found.trial, len(server.requests)


def friends(connection: Connection) -> None:
    """Shows a running import to who brings both headers."""
    while request := connection.request():
        connection.send(answer(GOOD) if is_friend(request) else REFUSED)


@pytest.mark.parametrize("budget", [1, 2, 6, 9, 12])
def test_the_budget(budget: int) -> None:
    """A run sends no more requests than its budget, wherever that ends it, and what was learnt is judged."""
    trial, asked = limited(Limits(timeout=20, requests=budget), examples=20)
    assert asked == budget
    assert trial.spent == f"the budget of {budget} requests is spent"
    found = judged(trial)
    assert found.row("response/200").outcome == "kept"
    assert {row.wants for row in found.rows("not tried")} >= {trial.spent}
    assert f"{VENDOR}: {trial.spent}; what was learnt is above" in found.printed


def test_the_time_ends_a_run() -> None:
    """A run whose time is over ends, and what was learnt is judged."""
    trial, asked = limited(Limits(timeout=20, time=1.5), examples=20)
    assert trial.spent == "the 1.5 s of the run are over"
    assert asked == 2
    assert judged(trial).row("response/200").outcome == "kept"


def says_nothing(connection: Connection) -> None:
    """Reads a request and never answers."""
    connection.request()
    connection.wait()


def test_the_time_of_an_answer_ends_with_the_run() -> None:
    """No answer is waited for longer than the run may take."""
    with RawServer(says_nothing) as server:
        target = Target(loader.load(VENDOR), Live(server.url, LIMITS), VirtualClock(), settings(), server.url)
        target.pace.limits = replace(LIMITS, time=0.2)
        operation = next(iter(target.vendor.operations.values()))
        exchange = target.send(build(target.vendor, operation, {}))
    assert exchange.trouble == "no whole answer within 0.2 s"


def test_429_is_asked_again() -> None:
    """A request that got 429 is sent again after the pause, and its last answer counts."""

    def behave(connection: Connection) -> None:
        while request := connection.request():
            if len(connection.server.requests) == 2:
                connection.send(answer(b"", "Retry-After: 9", status="429 Too Many Requests"))
            else:
                connection.send(answer(GOOD) if is_friend(request) else REFUSED)

    with RawServer(behave) as server:
        found = tried(server.url)
    statuses = [e.answer.status for e in found.target.exchanges if e.answer]
    assert statuses[:3] == [200, 429, 200]
    assert found.target.exchanges[2].start - found.target.exchanges[1].end == 9
    assert found.report.exit_code() == 0


def test_polls_heed_retry_after() -> None:
    """A Retry-After on a poll's own answer spaces the polls."""
    told = answer(GOOD, "Content-Type: application/json", "Retry-After: 13")
    with RawServer(always(told)) as server:
        found = tried(server.url, settings(polls=replace(settings().polls, at_most=20)))
    first, second = found.target.exchanges[:2]
    assert second.start - first.end == 13


def test_further_headers() -> None:
    """Further headers go with every request, also where no credential must; what a belief sends wins."""
    given = settings(headers={"X-Gateway": "gateway-key-77", "accept": "text/plain", "User-Agent": "mine"})
    with RawServer(friends) as server:
        found = tried(server.url, given)
        assert all(b"X-Gateway: gateway-key-77\r\n" in request for request in server.requests)
        assert all(b"User-Agent: mine\r\n" in request and b"text/plain" not in request for request in server.requests)
        assert any(TOKEN.encode() not in request for request in server.requests)
    assert "gateway-key-77" not in found.printed + found.written
    assert found.report.exit_code() == 0


def test_the_user_agent() -> None:
    """Every request says which tool sent it."""
    with RawServer(friends) as server:
        tried(server.url)
        assert all(f"User-Agent: {AGENT}\r\n".encode() in request for request in server.requests)


def test_a_path_prefix() -> None:
    """A URL's own path stands before every path of the document."""
    with RawServer(friends) as server:
        target = reach(Background(loader.load(VENDOR)), Destination(f"{server.url}/behind/a/proxy/"))
        target.close()
        assert server.requests[0].startswith(b"GET /behind/a/proxy/")


def test_what_is_typed_overrules() -> None:
    """What is typed stands in place of what the target file says, and what is not typed leaves it alone."""
    vendor = loader.load(VENDOR)
    given = Settings(headers={"X-One": "1"}, limits=Limits(rate=2, requests=7, timeout=3))
    same = overruled(vendor, given, Destination())
    assert (same.limits, same.headers, same.polls) == (given.limits, given.headers, given.polls)
    typed = Destination(
        allow_writes=True, interval=0.5, rate=9, max_requests=5, max_time=60, insecure=True, no_wrong_logins=True,
        headers=("X-Two: two: 2", "x-auth-token: abc"), product_version="7.1",
    )  # fmt: skip
    new = overruled(vendor, given, typed)
    assert new.limits == Limits(rate=9, requests=5, timeout=3, time=60)
    assert new.headers == {"X-One": "1", "X-Two": "two: 2"}
    assert new.credentials["default"] == {"$request.header.X-Auth-Token": "abc"}
    assert (new.allow_writes, new.try_wrong_logins, new.tls.verify, new.polls.every) == (True, False, False, 0.5)
    assert str(new.product_version) == "7.1"


TYPED = {
    "no-colon": (
        Destination(headers=("Bearer secret-77",)),
        "--header (the 1. one) has no colon after the name of a header",
    ),
    "no-name": (Destination(headers=("A: b", ": secret-77")), "--header (the 2. one) has no colon after the name"),
    "bad-name": (Destination(headers=("Token secret-77: z",)), "--header (the 1. one) has no colon after the name"),
    "no-value": (Destination(headers=("X-Name: ",)), "--header 'X-Name': there is no value"),
    "two-lines": (Destination(headers=("X: secret-77\r\nY: z",)), "more than one line of ASCII text"),
    "framing": (Destination(headers=("Content-Length: 3",)), "the connection's own business"),
    "a-bad-version": (Destination(product_version="9.15.1P3x"), "'9.15.1P3x' is no version: expected numbers and dots"),
    "no-url": (Destination("ftp://host"), "is no base URL: expected http:// or https:// and a host"),
    "half-a-url": (Destination("http://[::1"), "is no base URL"),
    "a-password": (Destination("http://joe:secret-77@host"), "holds a user name or a password"),
    "a-password-elsewhere": (Destination("ftp://joe:secret-77@host"), "is no base URL"),
}


@pytest.mark.parametrize(("where", "said"), TYPED.values(), ids=TYPED)
def test_typed_errors(where: Destination, said: str) -> None:
    """What is typed wrongly is told with what to type instead, and without what may be secret."""
    with pytest.raises(PollspecError) as caught:
        reach(Background(loader.load(VENDOR)), where)
    assert said in str(caught.value)
    assert caught.value.hint
    assert caught.value.exit_code == 2
    assert "secret-77" not in str(caught.value)


def wrong_logins(given: Settings) -> list[bytes]:
    """The requests with a wrong credential that a vendor with several such beliefs gets."""
    with RawServer(always(REFUSED)) as server:
        given.credentials["invalid"] = {"$request.header.X-Auth-Token": "wrong-wrong-1"}
        tried(server.url, given, examples=10)
        return [request for request in server.requests if b"wrong-wrong-1" in request]


def test_one_wrong_login() -> None:
    """The wrong credential is sent once."""
    assert len(wrong_logins(settings())) == 1


def test_no_wrong_login() -> None:
    """Where wrong logins are declined none is sent, and the report says why the belief was not tried."""
    assert wrong_logins(settings(try_wrong_logins=False)) == []
    with RawServer(friends) as server:
        found = tried(server.url, settings(try_wrong_logins=False))
    assert found.row("refuses/wrong-token").wants.startswith("wrong logins, which were declined")


def test_strangers_ask_once() -> None:
    """Several beliefs about the same request without a credential share one, which is asked twice."""
    with RawServer(friends) as server:
        found = tried(server.url)
    strange = [e for e in found.target.exchanges if e.credential == "none"]
    about = [b for b in found.trial.beliefs if b.says.get("credential") == "none"]
    assert len(about) == 3
    assert len(strange) == 2
    assert {found.row(b.id).outcome for b in about} == {"kept"}


def test_insecure_is_said_at_once() -> None:
    """`--insecure` is said on the error output and in the report."""
    done = run("test", VENDOR, "https://127.0.0.1:9", "--insecure")
    assert f"pollspec: {INSECURE}" in done.stderr
    assert INSECURE in done.stdout
    assert done.returncode == 3


def test_insecure_files_are_told(tmp_path: pathlib.Path) -> None:
    """A target file that accepts any certificate is said like --insecure."""
    path = tmp_path / "target.toml"
    path.write_text('base_url = "https://127.0.0.1:9"\nverify = false\n')
    done = run("test", VENDOR, "--target", str(path))
    assert f"pollspec: {INSECURE}" in done.stderr
    assert INSECURE in done.stdout


def test_a_url_alone_that_is_limited() -> None:
    """An address that is limited from the first request on could not run, and the report says why."""
    with RawServer(always(answer({}, status="429 Too Many Requests"))) as server:
        vendor = loader.load(VENDOR)
        where = Destination(server.url, max_time=0.7)
        found = judged(Trial(vendor, lambda: reach(Background(vendor), where), Plan(examples=0), vendor.beliefs))
    assert found.report.exit_code() == 3
    assert f"{server.url} only failed (1 times 429 (too many requests)); the 0.7 s of the run are over" in found.printed


def test_options_of_the_command(tmp_path: pathlib.Path) -> None:
    """The options reach the run: its budget ends it, and the line that reproduces a finding names what matters."""
    report = tmp_path / "report.json"
    with RawServer(always(answer([]))) as server:
        words = ["test", VENDOR, server.url, "--max-requests", "4", "--max-time", "60", "--rate", "500"]
        words += ["--header", "X-Auth-Token: tok-tok-tok", "--header", "X-Two: two words", "--no-wrong-logins"]
        done = run(*words, "--interval", "0.01", "--product-version", "7.1", "--report", f"json={report}")
        assert len(server.requests) == 4
        assert all(b"X-Two: two words" in request for request in server.requests)
    assert done.returncode == 1, done.stderr
    written = json.loads(report.read_text())
    assert written["vendors"][VENDOR]["spent"] == "the budget of 4 requests is spent"
    assert "judged as version 7.1" in written["vendors"][VENDOR]["notes"]
    (line,) = {row["reproduce"].partition(" --only")[0] for row in written["rows"]}
    assert "--no-wrong-logins" in line
    assert "--product-version 7.1" in line
    assert "tok-tok-tok" not in done.stdout + report.read_text()


class Polled:
    """A slow server: it tells when it was polled so often, and then answers nothing more, or goes on."""

    def __init__(self, times: int, goes_on: bool) -> None:
        self.times, self.goes_on, self.reached = times, goes_on, threading.Event()
        self.server = RawServer(self.behave)

    def behave(self, connection: Connection) -> None:
        """Answer, and stop answering."""
        while connection.request():
            if len(connection.server.requests) < self.times or self.goes_on:
                pause = ["Retry-After: 50"] if self.goes_on else []
                connection.send(answer(GOOD, "Content-Type: application/json", *pause))
            if len(connection.server.requests) >= self.times:
                self.reached.set()
            if len(connection.server.requests) >= self.times and not self.goes_on:
                connection.wait()


@pytest.mark.parametrize(("times", "goes_on"), [(2, True), (3, False)], ids=["between-polls", "in-a-poll"])
def test_interrupt(times: int, goes_on: bool, tmp_path: pathlib.Path) -> None:
    """Ctrl-C, between two polls or in the middle of one, ends the run with 130; what was learnt is reported."""
    report = tmp_path / "report.json"
    polled = Polled(times, goes_on)
    with polled.server as server:
        words = [*COMMAND, "test", VENDOR, server.url, "--interval", "0.01", "--report", f"json={report}"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert polled.reached.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in out + err
    assert f"{VENDOR}: interrupted; what was learnt is above" in out
    written = json.loads(report.read_text())
    assert written["exit_code"] == 130
    outcomes = {row["id"].rpartition("/")[2]: row["outcome"] for row in written["rows"]}
    assert outcomes["200"] == "kept"
    assert outcomes["wrong-token"] == "not tried"
    assert len(written["rows"]) == len(loader.load(VENDOR).beliefs)
