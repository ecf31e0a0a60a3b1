"""`pollspec grade`: commands of every kind, the report, the exit codes."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.errors import UsageError
from pollspec.grading.command import Command, environment, variable
from pollspec.grading.grading import played
from pollspec.grading.play import Play
from pollspec.reports.json import SCHEMA
from tests.serving import until

ROOT = pathlib.Path(__file__).resolve().parent.parent


def never() -> bool:
    """Nothing is overdue."""
    return False


def script(folder: pathlib.Path, text: str) -> list[str]:
    """A command that runs a few lines of Python."""
    path = folder / "client.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return [sys.executable, str(path)]


def grade(*words: str) -> Result:
    """What `pollspec grade` says; polls are close together, to be soon over."""
    return CliRunner().invoke(main, ["grade", "keycard", "--interval", "0.05", "--jobs", "16", *words])


def play(vendor: str, trial: str) -> Play:
    """One trial."""
    return next(play for play in played(load(vendor)) if play.trial == trial)


def test_a_command_ends_with_its_exit_code_and_its_last_words(tmp_path: pathlib.Path) -> None:
    """Output that is no text is no trouble."""
    ended = Command(script(tmp_path, "import sys; sys.stdout.buffer.write(b'\\xff\\n\\nbye\\n\\n'); sys.exit(7)"))(
        {}, never
    )
    assert (ended.code, ended.said) == (7, "bye")


def test_a_signal_is_an_exit_code_as_shells_have_it(tmp_path: pathlib.Path) -> None:
    """128 and its number."""
    ended = Command(script(tmp_path, "import os; os.kill(os.getpid(), 9)"))({}, never)
    assert ended.code == 137


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: pathlib.Path) -> None:
    """Also one that does not want to, and what it has begun."""
    lines = """
        import os, signal, subprocess, sys, threading
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        with open(os.environ["PLACE"], "w") as stream:
            stream.write(str(child.pid))
        threading.Event().wait()
        """
    place = tmp_path / "child"
    ended = Command(script(tmp_path, lines))({"PLACE": str(place)}, lambda: place.exists() and bool(place.read_text()))
    assert ended.code is None
    with pytest.raises(ProcessLookupError):
        for _ in range(200):
            os.kill(int(place.read_text()), 0)
            threading.Event().wait(0.05)


def test_a_command_is_told_only_what_its_trial_tells(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of the user's own that are called alike are not passed on; nothing is read from the terminal."""
    monkeypatch.setenv("POLLSPEC_TARGET", "mine")
    lines = "import os, sys; print(sys.stdin.read(), sorted(n for n in os.environ if n.startswith('POLLSPEC')))"
    ended = Command(script(tmp_path, lines))({"POLLSPEC_URL": "http://127.0.0.1:1"}, never)
    assert ended.said == "['POLLSPEC_URL']"


def test_what_a_client_is_told() -> None:
    """The address, what to do, how often and how long, and the document's own names for identifiers and headers."""
    names = environment(play("rocket_chat", "fails"), "http://127.0.0.1:1", 0.2, 30.0)
    assert names == {
        "POLLSPEC_URL": "http://127.0.0.1:1",
        "POLLSPEC_OPERATION": "getImportProgress",
        "POLLSPEC_DO": "wait",
        "POLLSPEC_INTERVAL": "0.2",
        "POLLSPEC_DEADLINE": "30",
        "POLLSPEC_HEADER_X_USER_ID": "pollspec-importer-failed",
        "POLLSPEC_HEADER_X_AUTH_TOKEN": "pollspec-test-card-token",
    }
    starts = environment(play("netapp_ontap", "starts"), "http://127.0.0.1:1", 0.2, 30.0)
    assert starts["POLLSPEC_DO"] == "start"
    assert json.loads(starts["POLLSPEC_BODY"])["url"] == "http://server/package"
    assert "POLLSPEC_PATH_UUID" not in starts
    assert variable("$request.path.task_id") == "POLLSPEC_PATH_TASK_ID"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "there is no command to grade"),
        ([""], "there is no command to grade"),
        (["pollspec-no-such-command"], "is not found"),
        (["./README.md"], "may not be run"),
    ],
)
def test_a_command_that_cannot_be_run_is_an_error_of_usage(words: list[str], says: str) -> None:
    """It says which, and what to type next."""
    with pytest.raises(UsageError, match=says) as refused:
        Command(words)
    assert refused.value.hint


def test_a_command_that_is_no_program_is_an_error_of_usage(tmp_path: pathlib.Path) -> None:
    """Exit code 2, and no traceback."""
    path = tmp_path / "client"
    path.write_text("\x00\x01", encoding="utf-8")
    path.chmod(0o755)
    result = grade("--", str(path))
    assert result.exit_code == 2 and "cannot be run" in result.output


def test_a_good_poller_in_a_process_of_its_own(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All kept: exit code 0; the JSON report is as its schema has it, and holds no credential."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    path = tmp_path / "report.json"
    result = grade("--report", f"json={path}", "--", sys.executable, "-m", "tests.pollers.plain", "keycard")
    report = json.loads(path.read_text(encoding="utf-8"))
    assert [row["findings"] for row in report["rows"] if row["outcome"] != "kept"] == []
    assert (result.exit_code, len(report["rows"])) == (0, 22)
    assert list(jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(report)) == []
    assert "spare-token" not in path.read_text(encoding="utf-8")
    assert {row["subject"] for row in report["vendors"]["keycard"]["traces"]} >= {"runs", "busy"}


def test_a_broken_must_fails_and_a_broken_should_deviates(tmp_path: pathlib.Path) -> None:
    """A client that asks once, in whose favour the poll policy says nothing; every format takes the report."""
    lines = """
        import os, urllib.request, urllib.parse
        names = [urllib.parse.quote(os.environ[f"POLLSPEC_PATH_{n}"], safe="") for n in ("ZONE_ID", "TASK_ID")]
        path = "/zones/{}/catalog_tasks/{}".format(*names)
        urllib.request.urlopen(os.environ["POLLSPEC_URL"] + path, timeout=1)
        """
    files = [f"--report={kind}={tmp_path / kind}" for kind in ("junit", "html", "markdown", "sarif", "json")]
    result = grade(*files, "--", *script(tmp_path, lines))
    assert result.exit_code == 1
    rows = {row["id"]: row for row in json.loads((tmp_path / "json").read_text(encoding="utf-8"))["rows"]}
    found = rows["keycard/getTask/grade/judges-by-the-state"]
    assert (found["outcome"], found["grade"], found["fails"]) == ("broken", "must", True)
    assert 'exit code 0 after "pending"' in found["findings"][0]["actual"]
    assert found["reproduce"].endswith(f"--only {found['id']} -- {sys.executable} {tmp_path / 'client.py'}")
    for kind in ("junit", "html", "markdown", "sarif"):
        assert "judges-by-the-state" in (tmp_path / kind).read_text(encoding="utf-8")


HURRIED = """
    import os, sys
    from tests.pollers.bad import Hurries
    from tests.pollers.plain import Urllib
    from tests.pollers.talk import TALK
    sys.exit(Hurries(TALK["keycard"], os.environ, Urllib()).run())
    """


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_a_broken_should_fails_where_it_is_strict(
    strict: list[str], code: int, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is asked for is graded, with what it needs."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    result = grade(*strict, "--only", "keycard/getTask/grade/poll-policy", "--", *script(tmp_path, HURRIED))
    assert result.exit_code == code, result.output
    assert "s apart, on average" in result.output and "1 trials" in result.output


def test_a_command_that_asks_nothing_could_not_be_graded(tmp_path: pathlib.Path) -> None:
    """Exit code 3, with its last words; the other trials are not played."""
    result = grade("--", *script(tmp_path, "raise ValueError('no such thing')"))
    assert result.exit_code == 3
    assert "sent no request: exit code 1 (ValueError: no such thing)" in result.output


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("--require", "shoud", "should"),
        ("--only", "shall", "pollspec requirements"),
        ("--only", "keycard/getTask/grade/retryafter", "keycard/getTask/grade/retry-after"),
    ],
)
def test_misspelt_options_are_errors_of_usage(option: str, value: str, hint: str, tmp_path: pathlib.Path) -> None:
    """They say what to type next."""
    result = grade(option, value, "--", *script(tmp_path, "pass"))
    assert result.exit_code == 2
    assert f"{option} {value!r}" in result.output and hint in result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_learnt_before_an_interrupt_is_reported(number: int, tmp_path: pathlib.Path) -> None:
    """Exit code 130; the command that hangs is ended as well."""
    lines = """
        import os, pathlib, threading, urllib.request
        try:
            urllib.request.urlopen(os.environ["POLLSPEC_URL"] + "/nowhere")
        except OSError:
            pathlib.Path(os.environ["PLACE"]).write_text(str(os.getpid()))
        threading.Event().wait()
        """
    place, report = tmp_path / "client", tmp_path / "report.json"
    words = [sys.executable, "-m", "pollspec", "grade", "keycard", f"--report=json={report}", "--"]
    command = [*words, *script(tmp_path, lines)]
    environment = {**os.environ, "PLACE": str(place)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as grading:
        until(lambda: place.exists() and bool(place.read_text(encoding="utf-8")))
        grading.send_signal(number)
        assert grading.wait() == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(place.read_text(encoding="utf-8")), 0)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["exit_code"], told["finished"]) == (130, False)
    assert {row["wants"] for row in told["rows"]} == {"the run ended before"}
