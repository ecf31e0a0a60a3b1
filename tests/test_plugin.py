"""The trial under pytest itself: the same ids, the same outcomes, and nothing left behind."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from importlib.metadata import entry_points
from typing import Any

import pytest
from click.testing import CliRunner

from pollspec.cli import main
from tests.conftest import SIXTH, polite, verdicts, view

ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Without the plugins that happen to be installed, pytest starts in half the time."""
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GITHUB_", "CI"))}


def under_pytest(folder: pathlib.Path, *words: str, alone: bool = True) -> subprocess.CompletedProcess[str]:
    """`pytest --pyargs pollspec.contract_tests -p pollspec.doors.plugin`, in a folder of a user's."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--pyargs",
        "pollspec.contract_tests",
        "-p",
        "pollspec.doors.plugin",
        *words,
    ]
    environment = CLEAN | (ALONE if alone else {})
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def ran(*words: str) -> tuple[int, str]:
    """`pollspec test`: its exit code and what it printed."""
    done = CliRunner().invoke(main, ["test", *words, "--max-examples", "0"], env={"GITHUB_STEP_SUMMARY": None})
    return done.exit_code, done.output


def outcomes(said: str) -> dict[str, str]:
    """Each item of pytest -v by its belief, with its outcome."""
    found = re.findall(r"::test_\w+\[([^\]]+)\] (PASSED|FAILED|SKIPPED)|(?:PASSED|FAILED|SKIPPED)", said)
    return {belief: outcome for belief, outcome in found if belief}


def workers(said: str) -> dict[str, str]:
    """The same of pytest -v -n 2, where the outcome stands before the item."""
    found = re.findall(r"\] (PASSED|FAILED|SKIPPED) \S+::test_\w+\[([^\]@]+)(?:\]@[\w.]+|@[\w.]+\])?", said)
    return {belief: outcome for outcome, belief in found}


@pytest.fixture(scope="module")
def verbose(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """One vendor under pytest, item by item, with whatever plugins are installed."""
    words = ["--vendor", "keycard", "-v", "-p", "no:cacheprovider", "--max-examples", "0"]
    return under_pytest(tmp_path_factory.mktemp("user"), *words, alone=False)


def test_items_are_beliefs(verbose: subprocess.CompletedProcess[str]) -> None:
    """Under plain pytest each belief is one item, by its id, and all of them pass."""
    assert verbose.returncode == 0, verbose.stdout + verbose.stderr
    assert outcomes(verbose.stdout) == {belief.id: "PASSED" for belief in view("keycard").beliefs}


def test_items_rows_and_selectors_are_the_same(
    verbose: subprocess.CompletedProcess[str], tmp_path: pathlib.Path
) -> None:
    """pytest's ids, the report's rows and --only's selectors are the same ids, in the same order as the document's."""
    code, _ = ran("keycard", "--report", f"json={tmp_path / 'report.json'}")
    rows = [row["id"] for row in json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]]
    assert code == 0
    assert rows == [belief.id for belief in view("keycard").beliefs]
    assert set(rows) == set(outcomes(verbose.stdout))
    for belief in (rows[0], rows[len(rows) // 2]):
        code, said = ran("keycard", "--only", belief)
        assert code == 0
        assert re.search(r"^1 kept;", said, re.MULTILINE), said


def test_with_workers(verbose: subprocess.CompletedProcess[str], tmp_path: pathlib.Path) -> None:
    """Under several workers the outcomes are the same."""
    done = under_pytest(
        tmp_path,
        "--vendor",
        "keycard",
        "--vendor",
        "rocket_chat",
        "-v",
        "-p",
        "xdist.plugin",
        "-n",
        "2",
        "--max-examples",
        "0",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = {belief.id for name in ("keycard", "rocket_chat") for belief in view(name).beliefs}
    assert workers(done.stdout) == dict.fromkeys(wanted, "PASSED")
    assert set(outcomes(verbose.stdout)) < wanted


def test_a_broken_belief_fails_its_item(tmp_path: pathlib.Path) -> None:
    """A broken belief is a failed item with its finding and no traceback, and the others are judged all the same."""
    path = tmp_path / "mine.yaml"
    text = pathlib.Path(SIXTH).read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            "expect: {$statusCode: 404}\n            mentions: 4040",
            "expect: {$statusCode: 404}\n            mentions: 4044",
        )
    )
    done = under_pytest(tmp_path, "--vendor", str(path), "-v", "--max-examples", "0", "-p", "no:cacheprovider")
    assert done.returncode == 1, done.stdout + done.stderr
    found = outcomes(done.stdout)
    assert [belief for belief, outcome in found.items() if outcome != "PASSED"] == ["mine/getFiring/answers/unknown"]
    assert len(found) == len(view(SIXTH).beliefs)
    assert "404 with the code 4040" in done.stdout
    assert f"pollspec test {path} --max-examples 0 --only mine/getFiring/answers/unknown --seed 1" in done.stdout
    assert "Traceback" not in done.stdout
    code, said = ran(str(path))
    assert code == 1
    assert re.search(r"^\d+ kept, 1 broken;", said, re.MULTILINE), said


def test_bad_options_are_errors_of_usage(tmp_path: pathlib.Path) -> None:
    """A wrong name ends pytest with its code for usage, and one line that says what was meant."""
    done = under_pytest(tmp_path, "--vendor", "keykard")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert 'did you mean "keycard"?' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_users_settings_do_not_reach_in(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pytest.ini, a conftest.py and PYTEST_ADDOPTS of the user's do not reach into `pollspec test`."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise SystemExit('the conftest was read')\n", encoding="utf-8")
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    assert False\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    code, said = ran("rocket_chat")
    assert code == 0, said
    assert "test_mine" not in said


def test_nothing_is_left_behind(tmp_path: pathlib.Path) -> None:
    """A run writes nothing into the working directory: none of the caches that pytest and its plugins would keep."""
    command = [
        sys.executable,
        "-c",
        "from pollspec.cli import main; main()",
        "test",
        "rocket_chat",
        "--max-examples",
        "4",
    ]
    done = subprocess.run(command, cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_installing_touches_nobodys_pytest() -> None:
    """pollspec is no plugin that pytest loads of its own accord: without `-p pollspec.doors.plugin` nothing changes."""
    assert [point for point in entry_points(group="pytest11") if point.value.startswith("pollspec")] == []


ASKED = """
import hashlib
from pollspec.trial.known import Known
from pollspec.trial.reach import Where, reach
from pollspec.document.reading import load
from pollspec.trial.plan import Plan
from pollspec.trial.trial import Trial

def asked(seed: int) -> str:
    vendor = load("keycard")
    trial = Trial(vendor, lambda: reach(Known(vendor), Where()), Plan(seed=seed, examples=12), vendor.beliefs)
    assert verdicts(trial)
    sent = [(e.request.target, e.request.headers, e.request.content, e.start) for e in trial.target.exchanges]
    return f"{len(sent)} {hashlib.sha256(repr(sent).encode()).hexdigest()}"
"""


def test_the_same_seed_asks_the_same(tmp_path: pathlib.Path) -> None:
    """A seed makes a run repeatable, in another process, for other hashes, and in a pipeline as well."""
    here: dict[str, Any] = {}
    exec(ASKED, here)
    environment = {**CLEAN, "PYTHONHASHSEED": "7", "CI": "true"}
    command = [sys.executable, "-c", f"{ASKED}\nprint(asked(7))"]
    there = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert here["asked"](7) == there.stdout.strip()
    assert here["asked"](8) != there.stdout.strip()


def test_verdicts_are_those_of_the_trial(verbose: subprocess.CompletedProcess[str]) -> None:
    """pytest says of each belief what the trial says without it."""
    kept = {belief for belief, verdict in verdicts(polite("keycard")).items() if verdict.outcome == "kept"}
    assert {belief for belief, outcome in outcomes(verbose.stdout).items() if outcome == "PASSED"} == kept
