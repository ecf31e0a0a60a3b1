"""However a command ends, it is an exit code and at most one sentence: failing outputs, errors of ours, interrupts."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from pollspec import cli
from pollspec.errors import DocumentError, OwnError, PollspecError, Unreachable
from pollspec.reports import json as json_report
from tests import ovens
from tests.rawserver import Connection, RawServer, always, answer

POLLSPEC = f"{shlex.quote(sys.executable)} -m pollspec"
ONE = "keycard --max-examples 0 --only keycard/getTask/echoes"
PLAIN = {name: value for name, value in os.environ.items() if name not in {"GITHUB_STEP_SUMMARY", "CI"}}
FULL = "pollspec: standard output cannot be written: No space left on device\n"
GONE = "pollspec: the working directory is gone\n  hint: cd to one that is there\n"


def shell(script: str, folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a line; `pollspec` in it is ours."""
    line = f"set -o pipefail\n{script.replace('pollspec ', f'{POLLSPEC} ')}"
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=PLAIN, cwd=folder)


OUTPUTS: list[tuple[str, int, str]] = [
    ("pollspec beliefs | head -1", 0, ""),
    ("pollspec init keycard | true", 0, ""),
    ("pollspec lint nope.yaml | true", 2, "pollspec: there is no file nope.yaml\n"),
    ("pollspec init keycard >&-", 0, ""),
    ("pollspec init keycard > /dev/full", 3, FULL),
    ("pollspec --help > /dev/full", 3, FULL),
    ("pollspec init keykard > /dev/full", 2, "pollspec: no vendor is called 'keykard'"),
    ("pollspec init keycard > /dev/full 2>&1", 3, ""),
    (f"pollspec test {ONE} | head -1", 0, "keycard: N requests, N kept\n"),
    (f"pollspec test {ONE} | true", 0, "keycard: N requests, N kept\n"),
    (f"pollspec test {ONE} >&-", 0, "keycard: N requests, N kept\n"),
    (f"pollspec test {ONE} > /dev/full", 0, FULL),
    (f"pollspec test {ONE} >&- 2>&-", 0, ""),
    (f"pollspec test {ONE} 2> /dev/full", 0, ""),
    (f"pollspec test {ONE} <&-", 0, "keycard: N requests, N kept\n"),
    (f"mkdir gone; cd gone; rmdir ../gone; pollspec test {ONE}", 3, GONE),
    ("mkdir gone; cd gone; rmdir ../gone; pollspec beliefs", 3, GONE),
    ("pollspec mock keycard --nope | true", 2, "No such option"),
    ("PYTHONIOENCODING=ascii pollspec beliefs > list", 0, ""),
]
"""A shell's line, its exit code, and what standard error holds, with N for each number."""


@pytest.mark.parametrize(("line", "code", "said"), OUTPUTS, ids=[line for line, _, _ in OUTPUTS])
def test_outputs_that_fail(line: str, code: int, said: str, tmp_path: pathlib.Path) -> None:
    """An output that is closed, full or read no further changes no verdict, and is no traceback."""
    done = shell(line, tmp_path)
    assert done.returncode == code, done.stderr
    assert said in re.sub(r"\d+", "N", done.stderr) and (said or not done.stderr)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


@pytest.mark.parametrize("end", ["| head -1", "| true", "> /dev/full", ">&-"])
def test_a_report_does_not_hang_on_the_output(end: str, tmp_path: pathlib.Path) -> None:
    """The report files are there, and the exit code is the verdict's, whatever becomes of standard output."""
    line = f"pollspec test {ovens.DOCUMENT} --max-examples 0 --report json=z.json --report junit=z.xml {end}"
    done = shell(line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json_report.read(str(tmp_path / "z.json"))["finished"] and (tmp_path / "z.xml").stat().st_size


def test_a_red_verdict_stays_red_on_a_closed_pipe(tmp_path: pathlib.Path) -> None:
    """What is broken is 1, although nobody reads why."""
    with RawServer(always(answer({}))) as server:
        done = shell(f"pollspec test {ovens.DOCUMENT} {server.url} --max-examples 0 --max-time 20 | true", tmp_path)
    assert done.returncode == 1, done.stderr


ERRORS: list[tuple[BaseException, int, str]] = [
    (DocumentError("the document is bad", "mend it"), 2, "pollspec: the document is bad\n  hint: mend it\n"),
    (Unreachable("nobody is there"), 3, "pollspec: nobody is there\n"),
    (OwnError("we are bad"), 3, "pollspec: we are bad\n"),
    (PollspecError("\x1b[31mred\ud800"), 2, "pollspec: \\u001b[31mred\\ud800\n"),
    (KeyboardInterrupt(), 130, "pollspec: interrupted\n"),
    (RecursionError("maximum"), 2, "pollspec: something that was given is nested too deeply to be read\n"),
    (MemoryError(), 3, "pollspec: there is not enough memory\n"),
    (PermissionError(13, "Permission denied", "/x/y"), 3, "pollspec: Permission denied: /x/y\n"),
    (BrokenPipeError(32, "Broken pipe"), 3, "pollspec: Broken pipe\n"),
    (EOFError("secret-77"), 3, "pollspec: an error of pollspec's own (EOFError in pollspec.cli.documents:"),
    (KeyError("secret-77"), 3, "pollspec: an error of pollspec's own (KeyError in pollspec.cli.documents:"),
    (UnicodeEncodeError("utf-8", "secret-77\ud800", 9, 10, "no"), 3, "(UnicodeEncodeError in pollspec.cli.documents:"),
    (SystemExit(1), 1, ""),
    (SystemExit(None), 0, ""),
]


@pytest.mark.parametrize(("error", "code", "said"), ERRORS, ids=[repr(error) for error, _, _ in ERRORS])
def test_every_error_is_a_sentence(error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a verb raises ends with an exit code and a sentence; one of ours tells where it was, and no secret."""

    def fail(*given: object) -> None:
        raise error

    monkeypatch.setattr("pollspec.document.listing.as_text", fail)
    done = CliRunner().invoke(cli.main, ["beliefs"])
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.output and "secret-77" not in done.output
    assert bool(done.stderr) is bool(said)


def test_an_error_while_modules_load_is_a_sentence(tmp_path: pathlib.Path) -> None:
    """An installation that lacks something says so in a sentence, and ends with 3."""
    (tmp_path / "click.py").write_text("raise ImportError('secret-77')")
    done = shell(f"PYTHONPATH={tmp_path} pollspec beliefs", tmp_path)
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("pollspec: an error of pollspec's own (ImportError in ")
    assert "secret-77" not in done.stderr and "Traceback" not in done.stderr


# --- what a document says

LOUD = "\x1b[31mloud\x9b5m\u202e\x07"
PRINTING: list[tuple[list[str], int]] = [
    (["beliefs", "DOCUMENT"], 0),
    (["explain", "oven/getLoaf/only-when/words", "DOCUMENT"], 0),
    (["lint", "WRONG"], 1),
    (["faults", "DOCUMENT"], 0),
    (["init", "DOCUMENT"], 0),
    (["test", "DOCUMENT", "--max-examples", "0", "--only", "oven/getLoaf/only-when/words", "--baseline", "KNOWN"], 1),
    (["baseline", "KNOWN"], 2),
    ([f"beliefs{LOUD}"], 2),
    (["beliefs", "--json", "DOCUMENT"], 0),
]


@pytest.mark.parametrize(("words", "code"), PRINTING, ids=[words[0] for words, _ in PRINTING])
def test_nothing_is_printed_raw(words: list[str], code: int, tmp_path: pathlib.Path) -> None:
    """On a terminal, too, no control character of a document or a file reaches it; JSON stays JSON."""
    document, wrong, known = tmp_path / "oven.yaml", tmp_path / "wrong.yaml", tmp_path / "known.toml"
    escaped = json.dumps(f"A baked loaf says so.{LOUD}.")
    text = ovens.DOCUMENT.read_text(encoding="utf-8").replace("claim: A baked loaf says so.", f"claim: {escaped}")
    document.write_text(text, encoding="utf-8")
    keyword = json.dumps(f"only-when{LOUD}")
    wrong.write_text(text.replace("only-when:", f"{keyword}:"), encoding="utf-8")
    reason = json.dumps(f"because{LOUD}")
    known.write_text(f'[[known]]\nid = "oven/getLoaf/only-when/words"\nreason = {reason}\nexpires = 2999-01-01\n')
    paths = {"DOCUMENT": str(document), "WRONG": str(wrong), "KNOWN": str(known)}
    master, slave = os.openpty()
    command = [sys.executable, "-m", "pollspec", *(paths.get(word, word) for word in words)]
    with subprocess.Popen(command, stdout=slave, stderr=slave, stdin=slave, env={**PLAIN, "TERM": "dumb"}) as process:
        os.close(slave)
        shown = everything(master).replace("\r\n", "\n")
        assert process.wait(60) == code, shown
    assert [one for one in shown if not one.isprintable() and one != "\n"] == []
    if words[0] in {"beliefs", "explain"}:
        assert "says so.\\u001b[31mloud\\u009b5m\\u202e\\u0007" in shown
    if words[0] == "lint":
        assert r"unknown word 'only-when\x1b[31mloud\x9b5m\u202e\x07'" in shown
    if "--json" in words:
        assert json.loads(shown)


def everything(handle: int) -> str:
    """What is read until the other end is closed."""
    parts = []
    with contextlib.suppress(OSError):
        while part := os.read(handle, 65536):
            parts.append(part)
    os.close(handle)
    return b"".join(parts).decode("utf-8")


# --- interrupts


def stopped(command: list[str], line: str, times: int) -> subprocess.CompletedProcess[str]:
    """A command that is told to stop so many times when a module of this name is being loaded."""
    with subprocess.Popen(
        [sys.executable, "-v", "-m", "pollspec", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=PLAIN,
    ) as process:
        assert process.stderr and process.stdout
        said = []
        for text in process.stderr:
            if line in text:
                for _ in range(times):
                    process.send_signal(signal.SIGINT)
                line, times = "\0", 0
            if not text.startswith(("#", "import ")):
                said.append(text)
        return subprocess.CompletedProcess([], process.wait(60), process.stdout.read(), "".join(said))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "module", ["pollspec.errors", "click", "pollspec.cli", "jsonschema_rs", "pytest", "schemathesis", "rich.progress"]
)
def test_an_interrupt_while_modules_load(module: str, times: int, tmp_path: pathlib.Path) -> None:
    """Ctrl-C before anything was tried, once or twice, is 130 and no traceback."""
    done = stopped(["test", str(ovens.DOCUMENT), "--report", f"json={tmp_path / 'z'}"], f"import '{module}'", times)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr and "KeyboardInterrupt" not in done.stderr


SWALLOWS = """import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
except BaseException:
    raise RuntimeError("secret-77") from None
"""


@pytest.mark.parametrize("module", ["click", "platformdirs", "rich"])
def test_an_interrupt_is_no_error_of_what_loads(module: str, tmp_path: pathlib.Path) -> None:
    """Ctrl-C is 130 as well where a module that is being loaded would make an error of its own of it."""
    (tmp_path / f"{module}.py").write_text(SWALLOWS, encoding="utf-8")
    done = shell(f"PYTHONPATH={tmp_path} pollspec test {ovens.DOCUMENT}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "pollspec: interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 2, 5])
def test_an_interrupt_while_a_run_goes_on(number: int, times: int, tmp_path: pathlib.Path) -> None:
    """Ctrl-C during a run, however often, ends it with 130: its report is delivered, and there is no traceback."""
    asked = threading.Event()
    held: list[subprocess.Popen[str]] = []

    def behave(connection: Connection) -> None:
        if asked.wait(30):
            for _ in range(times):
                held[0].send_signal(number)

    with RawServer(behave) as server:
        command = [sys.executable, "-m", "pollspec", "test", str(ovens.DOCUMENT), server.url]
        command += ["--report", f"json={tmp_path / 'z'}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=PLAIN) as process:
            held.append(process)
            asked.set()
            out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err + out and "Exception" not in err
    assert not json.loads((tmp_path / "z").read_text())["finished"]
