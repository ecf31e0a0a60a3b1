"""What is said of a whole run: which deviations fail it, what most answers are a sign of, how much was asked."""

from __future__ import annotations

import pathlib

import pytest

from pollspec.document.keywords import is_failure
from pollspec.document.loader import load
from pollspec.reports import json as json_report
from pollspec.servers.polite import Mock
from tests import ovens
from tests.livetrial import tried
from tests.rawserver import RawServer, always, answer
from tests.serving import served
from tests.test_cli import run

PAGE = answer(b"<html><title>Sign in</title><input type=password>", "Content-Type: text/html")


@pytest.mark.parametrize(
    ("grade", "strict", "fails"),
    [
        ("implied", False, False),
        ("implied", True, True),
        ("implied", "all", True),
        ("implied", "implied", True),
        ("implied", "observed", False),
        ("observed", "observed", True),
        ("observed", "implied", False),
        ("source", "observed", True),
        ("source", "implied", False),
    ],
)
def test_strict_by_grade(grade: str, strict: bool | str, fails: bool) -> None:
    """A deviation fails where its grade is strict; one from a source is to what was observed elsewhere."""
    assert is_failure("echoes", grade, strict) is fails


def test_a_leaked_secret_fails_every_run() -> None:
    """Whatever its grade is, and however lenient a run."""
    assert is_failure("keeps-secret", "implied", False)


def exit_code(strict: bool | str) -> int:
    """How a run of an oven ends that says nothing but what is observed or implied wrongly."""
    report = ovens.report(ovens.everything, strict=strict)
    report.rows = [row for row in report.rows if row.outcome == "deviates"]
    assert {row.grade for row in report.rows} == {"implied"}
    return report.exit_code()


@pytest.mark.parametrize(("strict", "code"), [(False, 0), ("observed", 0), ("implied", 1), ("all", 1), (True, 1)])
def test_strict_ends_a_run(strict: bool | str, code: int) -> None:
    """A deviation fails a run that is strict about its grade."""
    assert exit_code(strict) == code


def test_strict_is_typed_with_a_grade_or_alone() -> None:
    """A grade that there is none of is refused with those that there are."""
    assert run("test", "keycard", "--only", "keycard/getTask/sample", "--strict").exit_code == 0
    assert run("test", "keycard", "--only", "keycard/getTask/sample", "--strict", "implied").exit_code == 0
    wrong = run("test", "keycard", "--strict", "source")
    assert wrong.exit_code == 2 and "'all', 'observed', 'implied'" in wrong.stderr


def test_a_login_page_is_said_on_top() -> None:
    """Where every answer is a page to sign in on, that is the first line of the report."""
    with RawServer(always(PAGE)) as server:
        found = tried(server.url)
    first = next(line for line in found.printed.splitlines() if line.strip())
    assert first.startswith("! rocket_chat: the answers are a login page in HTML")


def test_nothing_is_said_of_a_server_as_it_should_be() -> None:
    """A good server's report begins with its table."""
    assert run("test", "keycard").stdout.lstrip().startswith("operation")


def test_the_share_of_pairs_is_said() -> None:
    """A report says how many pairs of what can be varied were asked, and what asks for more."""
    done = run("test", "ibm_qradar")
    assert "ibm_qradar: pairs of what can be varied: getApplicationCreationTask " in done.stdout
    assert "(--max-examples asks for more)" in done.stdout


def test_starts_are_said_before_they_are_made() -> None:
    """How many operations will be started is said at once; where none may be, nothing is."""
    with served(Mock(load("netapp_ontap"), duration=0.01)) as url:
        done = run("test", "netapp_ontap", url, "--allow-writes", "--max-examples", "0")
        careful = run("test", "netapp_ontap", url, "--max-examples", "0")
    assert done.stderr.splitlines()[0].startswith("netapp_ontap: starts 3 with POST /api/cluster/software/download")
    assert "starts" not in careful.stderr


@pytest.mark.parametrize(("words", "number"), [([], 1), (["--wrong-logins", "3"], 3), (["--no-wrong-logins"], 0)])
def test_wrong_logins(words: list[str], number: int, tmp_path: pathlib.Path) -> None:
    """One wrong login is tried, as many as were allowed, or none; each once."""
    with served(Mock(load("rocket_chat"), duration=0.01)) as url:
        file = tmp_path / "t.toml"
        card = load("rocket_chat").credentials["default"]
        lines = [f"{text.rpartition('.')[2]} = {value!r}" for text, value in card.items()]
        head = f'base_url = "{url}"\n[polls]\ninterval = 0.1\nat_most = 1\n[credentials.default]\n'
        file.write_text(head + "\n".join(lines).replace("'", '"') + "\n")
        done = run("test", "rocket_chat", "--target", str(file), *words, "--report", f"json={tmp_path / 'r.json'}")
        circumstances = json_report.read(str(tmp_path / "r.json"))["vendors"]["rocket_chat"]["circumstances"]
        seen = [one for one in circumstances if "invalid" in one]
    assert done.exit_code == 0, done.output
    assert bool(seen) is bool(number)
