"""`pollspec watch` follows one running operation with GET, shows how far it is, and judges what it saw."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import pathlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from pollspec import spec
from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.doors.recording import of_traffic
from pollspec.doors.watch.bar import Bar, Lines, Reader, display
from pollspec.doors.watch.percentages import Percentages
from pollspec.doors.watch.watch import Vigil
from pollspec.errors import UsageError
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Outcome, Verdict
from pollspec.masks import Masks
from pollspec.servers.faults import Impolite, derive, find
from pollspec.servers.polite import Mock
from pollspec.trial.ledger import Ledger
from pollspec.trial.target import Polls, Settings, Target, cards, embedded
from pollspec.trial.trial import Over
from pollspec.trial.wire.limits import Trouble
from pollspec.trial.wire.pace import Clock, VirtualClock
from tests.serving import served

SONAR, ONTAP, ROCKET = "logpresso_sonar", "netapp_ontap", "rocket_chat"
TOKEN = "a1b2c3d4-e5f6-7890-abcd-ef1234567801"


def vigil(vendor: Vendor, words: Sequence[str], make: Any = None, settings: Settings | None = None) -> Vigil:
    """A watch over an embedded polite server on a virtual clock; `make` gives another one."""

    def polite(clock: Clock) -> Any:
        return Mock(vendor, clock, duration=100)

    def reach() -> Target:
        return embedded(vendor, make or polite, settings or cards(vendor))

    return Vigil(vendor, reach, of_traffic(vendor), words)


def verdicts(watching: Vigil) -> dict[str, Verdict]:
    """What became of each belief when the watch is over, however it ended."""
    with contextlib.suppress(Over, KeyboardInterrupt):
        watching.ask()
    watching.close()
    return watching.verdicts()


def asked(watching: Vigil) -> list[tuple[str, float]]:
    """Which operations were asked, and when."""
    assert verdicts(watching)
    return [(exchange.operation, exchange.start) for exchange in watching.target.exchanges]


def told(vendor: Vendor, exchanges: Sequence[Exchange], terminal: bool = False) -> str:
    """What is shown of some exchanges."""
    out = io.StringIO()
    shown = display(Reader(vendor, Masks()), Console(file=out, force_terminal=terminal, width=100, highlight=False))
    for exchange in exchanges:
        shown.heard(exchange)
    shown.close()
    return out.getvalue()


def test_one_operation_is_polled_as_the_document_says() -> None:
    """Every so many seconds, from now to its end and twice beyond; nothing else is asked."""
    sonar = load(SONAR)
    every = sonar.lifecycles["install"].every
    watching = vigil(sonar, [f"token={TOKEN}"])
    times = asked(watching)
    assert {operation for operation, _ in times} == {"getInstallProgress"}
    assert [start for _, start in times] == [number * every for number in range(len(times))]
    assert watching.over
    states = [e.answer.reading.value["install_progress"]["status"] for e in watching.target.exchanges if e.answer]
    assert (states[0], states[-4:]) == ("standby", ["in_progress", "completed", "completed", "completed"])


class Asking(Mock):
    """A polite server that asks for patience."""

    def respond(self, *asked: Any) -> Answer:
        """The answer, with Retry-After."""
        answer = super().respond(*asked)
        return Answer(answer.status, (*answer.headers, ("retry-after", "17")), answer.content)


def test_retry_after_is_honoured() -> None:
    """A longer pause that the server asks for is made."""
    sonar = load(SONAR)
    times = asked(vigil(sonar, [f"token={TOKEN}"], lambda clock: Asking(sonar, clock, duration=100)))
    assert {later - sooner for (_, sooner), (_, later) in itertools.pairwise(times)} == {17.0}


@pytest.mark.parametrize(
    ("name", "words", "operations"),
    [
        (ONTAP, ["uuid=00000000-5feb-11e8-b0e0-005056956d01"], {"getJob"}),
        (ONTAP, ["finished"], {"getJob"}),
        (ONTAP, ["finished=00000000-5feb-11e8-b0e0-005056956d01"], {"getJob"}),
        (ONTAP, [], {"getDownload"}),
        (ROCKET, [], {"getImportProgress"}),
        (ROCKET, ["finished"], {"getImportProgress"}),
        ("keycard", ["zone_id=z1", "task_id=task-finished"], {"getTask"}),
    ],
)
def test_what_identifies_it_says_which_operation_is_asked(name: str, words: list[str], operations: set[str]) -> None:
    """Parameters by name, a subject by name, or nothing where nothing is needed; only GET, and nothing is broken."""
    watching = vigil(load(name), words)
    broken = [verdict.belief.id for verdict in verdicts(watching).values() if verdict.findings]
    requests = [exchange.request for exchange in watching.target.exchanges]
    assert {request.operation for request in requests} == operations
    assert {request.method for request in requests} == {"GET"}
    assert broken == []


def test_a_named_subject_is_held_to_its_end() -> None:
    """Where it is known which subject it is, the beliefs about that subject's end are tried."""
    ontap = load(ONTAP)
    named = verdicts(vigil(ontap, ["finished"]))[f"{ONTAP}/getJob/lifecycle/succeeds"]
    plain = verdicts(vigil(ontap, ["uuid=00000000-5feb-11e8-b0e0-005056956d01"]))[f"{ONTAP}/getJob/lifecycle/succeeds"]
    assert (named.outcome, plain.outcome) == ("kept", "not tried")


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        (ONTAP, ["uid=1"], "--subject 'uid=1': expected NAME=VALUE\n  hint: did you mean \"uuid\"?"),
        (SONAR, [], "what identifies the operation is missing\n  hint: --subject token=..."),
        ("keycard", ["zone_id=z1"], "what identifies the operation is missing\n  hint: --subject task_id=..."),
        ("keycard", ["finished=z1"], "--subject finished=z1: finished is identified by 2 parameters\n"),
    ],
)
def test_what_does_not_identify_one_is_a_clear_error(name: str, words: list[str], message: str) -> None:
    """What was given, what was expected, what to type."""
    with pytest.raises(UsageError) as error:
        vigil(load(name), words).ask()
    assert str(error.value).startswith(message)


def test_an_unknown_subject_of_the_target_is_a_clear_error() -> None:
    """A subject that the document knows and the target file does not give."""
    with pytest.raises(UsageError, match="the target file names no subject 'finished'"):
        vigil(load(ONTAP), ["finished"], settings=Settings(credentials={"default": {}})).ask()


def test_what_breaks_is_found() -> None:
    """A finished install that runs again, seen while it was watched."""
    sonar = load(SONAR)
    fault = next(fault for fault in derive(sonar) if fault.belief.id.endswith("/lifecycle/ends"))
    watching = vigil(sonar, [f"token={TOKEN}"], lambda clock: Impolite(Mock(sonar, clock, duration=100), sonar, fault))
    watching.target.settings.polls = Polls(at_most=200)
    broken = [name for name, verdict in verdicts(watching).items() if verdict.findings]
    assert fault.belief.id in broken


class Silent:
    """A transport that is answered a few times, and then no more."""

    def __init__(self, answers: int) -> None:
        self.answers = answers

    def send(self, request: Request, seconds: float | None = None) -> Answer:
        """An answer, or none."""
        self.answers -= 1
        if self.answers < 0:
            raise Trouble("the connection was refused")
        return Answer(200, (("content-type", "application/json"),), b'{"state": "running"}')

    def send_at_once(self, requests: Sequence[Request], seconds: float | None = None) -> list[Answer | None]:
        """Nothing is asked at once."""
        raise AssertionError

    def close(self) -> None:
        """Nothing to close."""


def silent(answers: int) -> Vigil:
    """A watch over a target that answers so often."""
    ontap = load(ONTAP)
    target = Target(ontap, Silent(answers), VirtualClock(), Settings(), "https://cluster")
    return Vigil(ontap, lambda: target, of_traffic(ontap), ["uuid=1"])


def test_a_target_that_never_answers_is_unreachable() -> None:
    """Not after an hour, and nothing could run."""
    watching = silent(0)
    assert {verdict.outcome for verdict in verdicts(watching).values()} == {"could not run"}
    assert watching.unreachable == "https://cluster never answered: the connection was refused"


def test_a_target_that_answers_no_more_is_given_up_and_judged() -> None:
    """What was learnt until then is judged."""
    watching = silent(3)
    assert verdicts(watching)[f"{ONTAP}/getJob/schema/Job.state"].outcome == "kept"
    assert watching.target.notes == ["getJob answered no more and was given up"]
    assert not watching.over


def test_an_interrupt_keeps_what_was_learnt() -> None:
    """Ctrl-C ends the watch and not the report."""

    def interrupted(ledger: Ledger) -> None:
        raise KeyboardInterrupt

    watching = vigil(load(SONAR), [f"token={TOKEN}"])
    watching.listeners.append(interrupted)
    outcomes = Counter(verdict.outcome for verdict in verdicts(watching).values())
    assert watching.interrupted and outcomes[Outcome.KEPT] > 10


def showing(vendor: Vendor, operation: str, body: Any, at: float = 0.0) -> Exchange:
    """An answer to an operation."""
    request = Request(operation, "GET", vendor.operations[operation].path)
    return Exchange(request, Answer(200, (), json.dumps(body).encode()), at, at + 0.1)


def test_percentages_come_from_the_document() -> None:
    """From a growing value of at most 100, else from a part of a whole; from nothing else."""
    sonar, rocket = load(SONAR), load(ROCKET)
    half = {"install_progress": {"total_progress": 50, "total_node": 4, "completed_node": 1}}
    assert Percentages(sonar).percent(showing(sonar, "getInstallProgress", half)) == 50.0
    del half["install_progress"]["total_progress"]
    assert Percentages(sonar).percent(showing(sonar, "getInstallProgress", half)) == 25.0
    parts = [
        ({"completed": 3, "total": 4}, 75.0),
        ({"completed": 0, "total": 0}, None),
        ({"completed": 5, "total": 4}, None),
    ]
    for count, percent in [*parts, ({"completed": "3", "total": 4}, None), ({}, None)]:
        assert Percentages(rocket).percent(showing(rocket, "getImportProgress", {"count": count})) == percent
    for name in set(spec.names()) - {SONAR, ROCKET}:
        vendor = load(name)
        assert {Percentages(vendor).percent(showing(vendor, o, {"code": 42})) for o in vendor.operations} == {None}


def test_lines_tell_what_is_new() -> None:
    """A line per change: the time since the first request, the state, and the percentage where there is one."""
    rocket = load(ROCKET)
    seen = [("importer_new", 0, 0, 0), ("importer_importing_users", 1, 4, 7), ("importer_importing_users", 1, 4, 14)]
    exchanges = [
        showing(rocket, "getImportProgress", {"step": step, "count": {"completed": done, "total": of}}, at)
        for step, done, of, at in seen
    ]
    assert told(rocket, exchanges).splitlines() == [
        "     0.1 s  getImportProgress  importer_new",
        "     7.1 s  getImportProgress  importer_importing_users  25 %",
    ]


def test_a_bar_on_a_terminal() -> None:
    """It ends with the last state and percentage; what a server sends is no markup and no escape."""
    sonar = load(SONAR)
    exchanges = [
        showing(sonar, "getInstallProgress", {"install_progress": {"status": status, "total_progress": percent}})
        for status, percent in [("standby", 0), ("[red]\x1b[2Jdone", 100)]
    ]
    out = told(sonar, exchanges, terminal=True)
    assert "getInstallProgress  [red]\\u001b[2Jdone" in out and "100 %" in out
    assert "\x1b[2J" not in out


def test_lines_where_there_is_no_terminal() -> None:
    """A pipe gets lines, a terminal a bar."""
    reader = Reader(load(SONAR), Masks())
    assert isinstance(display(reader, Console(file=io.StringIO())), Lines)
    assert isinstance(display(reader, Console(file=io.StringIO(), force_terminal=True)), Bar)


def typed(*words: str) -> Result:
    """What the command says to these words."""
    return CliRunner().invoke(main, list(words))


def test_the_command_watches_a_live_server(tmp_path: pathlib.Path) -> None:
    """Progress on standard error, the report of what was tried on standard output and in a file, exit code 0."""
    report = tmp_path / "report.json"
    with served(Mock(load(SONAR), polls=3)) as url:
        words = ["watch", SONAR, url, "--subject", "finished", "--interval", "0.01", "--report", f"json={report}"]
        said = typed(*words)
    assert said.exit_code == 0, said.output
    lines = [line.split(" s  ", 1)[1] for line in said.stderr.splitlines() if " s  " in line]
    assert lines[0] == "getInstallProgress  standby  0 %"
    assert lines[-1] == "getInstallProgress  completed  100 %"
    assert "not tried" not in said.stdout.replace("not tried  could not run  requests", "")
    assert {row["outcome"] for row in json.loads(report.read_text())["rows"]} == {"kept"}


def test_the_command_fails_with_what_is_broken() -> None:
    """Exit code 1, the finding, and the words to watch it again."""
    ontap = load(ONTAP)
    fault = find(ontap, "drops-the-field:getJob/schema/Job.message")
    with served(Impolite(Mock(ontap, polls=2), ontap, fault)) as url:
        said = typed("watch", ONTAP, url, "--subject", "finished", "--interval", "0.01")
    assert said.exit_code == 1
    again = f"pollspec watch {ONTAP} {url} --subject finished --interval 0.01 --only {ONTAP}/getJob/schema/Job.message"
    assert f"    reproduce  {again}\n" in said.stdout


def test_the_command_says_that_an_operation_has_not_ended() -> None:
    """A watch that is over before its operation is no failure, and is said."""
    with served(Mock(load(SONAR), duration=1000)) as url:
        said = typed("watch", SONAR, url, "--subject", "finished", "--interval", "0.01", "--at-most", "0.1")
    assert said.exit_code == 0
    assert "it has not ended within its time" in said.stdout


def test_the_command_wants_something_to_watch() -> None:
    """A URL or a target file; a server that is there."""
    said = typed("watch", SONAR)
    assert (said.exit_code, said.stderr) == (
        2,
        f"pollspec: there is nothing to watch\n  hint: pollspec watch {SONAR} URL, or --target FILE\n",
    )
    with served(Mock(load(SONAR))) as url:
        pass
    said = typed("watch", SONAR, url, "--subject", "finished")
    assert said.exit_code == 3
    assert f"could not run: {url} gives no answer: the connection was refused: " in said.stdout


def test_what_is_not_there() -> None:
    """An identifier that nothing answers to is told, and is no success (3)."""
    with served(Mock(load("keycard"), polls=4)) as url:
        words = [
            "watch",
            "keycard",
            url,
            "--subject",
            "zone_id=nope",
            "--subject",
            "task_id=nope",
            "--interval",
            "0.01",
        ]
        done = CliRunner().invoke(main, words)
    assert done.exit_code == 3, done.output
    assert "nothing to watch: getTask answered 404; is the identifier right?" in done.output
