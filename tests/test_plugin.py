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

import pollspec
from pollspec.cli import main
from pollspec.trial.questions import asks
from tests.conftest import CONTRACT_TESTS, SIXTH, polite, verdicts, view

ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Without the plugins that happen to be installed, pytest starts in half the time."""
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GITHUB_", "CI"))}


def under_pytest(folder: pathlib.Path, *words: str, alone: bool = True) -> subprocess.CompletedProcess[str]:
    """`pytest --pyargs pollspec.contract_tests -p pollspec.doors.plugin`, in a folder of a user's."""
    command = [*CONTRACT_TESTS, *(["-p", "schemathesis.pytest.plugin"] if alone else []), *words]
    environment = CLEAN | (ALONE if alone else {})
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def ran(*words: str) -> tuple[int, str]:
    """`pollspec test`: its exit code and what it printed."""
    done = CliRunner().invoke(main, ["test", *words, "--max-examples", "0"], env={"GITHUB_STEP_SUMMARY": None})
    return done.exit_code, done.output


def outcomes(said: str) -> dict[str, str]:
    """Each item of pytest -v by its name, with its outcome."""
    return dict(re.findall(r"::(test_\w+\[.+?\]) (PASSED|FAILED|SKIPPED)", said))


def workers(said: str) -> dict[str, tuple[str, str]]:
    """The same of pytest -v -n 2, where worker and outcome stand before the item."""
    found = re.findall(
        r"\[(gw\d)\] .*(PASSED|FAILED|SKIPPED) \S+::(test_\w+\[.+\])(?:@[\w.]+)?\s*$", said, re.MULTILINE
    )
    return {item: (outcome, worker) for worker, outcome, item in found}


def items(name: str) -> set[str]:
    """What there is to run for a vendor: each sample, each lifecycle, every order, and each operation twice."""
    vendor = view(name)
    found = {f"test_samples[{belief.id}]" for belief in vendor.beliefs if not asks(belief)}
    found |= {f"test_to_the_end[{vendor.slug}/{lifecycle}]" for lifecycle in vendor.lifecycles}
    operations = [f"[{vendor.slug}][{operation.method} {operation.path}]" for operation in vendor.operations.values()]
    found |= {f"{test}{operation}" for test in ("test_answers", "test_refusals") for operation in operations}
    return {*found, f"test_in_every_order[{vendor.slug}]"}


@pytest.fixture(scope="module")
def verbose(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """One vendor under pytest, item by item, with whatever plugins are installed."""
    words = ["--vendor", "keycard", "-v", "-p", "no:cacheprovider", "--max-examples", "0"]
    return under_pytest(tmp_path_factory.mktemp("user"), *words, alone=False)


def test_items_of_a_vendor(verbose: subprocess.CompletedProcess[str]) -> None:
    """Under plain pytest each sample, lifecycle and operation is an item, by its name, and all of them pass."""
    assert verbose.returncode == 0, verbose.stdout + verbose.stderr
    assert outcomes(verbose.stdout) == dict.fromkeys(items("keycard"), "PASSED")


def test_rows_and_selectors_are_the_same(verbose: subprocess.CompletedProcess[str], tmp_path: pathlib.Path) -> None:
    """The report's rows, --only's selectors and pytest's ids of beliefs are the same, in the document's order."""
    code, _ = ran("keycard", "--report", f"json={tmp_path / 'report.json'}")
    rows = [row["id"] for row in json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]]
    assert code == 0
    assert rows == [belief.id for belief in view("keycard").beliefs]
    assert {item for item in outcomes(verbose.stdout) if "/sample/" in item} <= {f"test_samples[{id}]" for id in rows}
    for belief in (rows[0], rows[len(rows) // 2]):
        code, said = ran("keycard", "--only", belief)
        assert code == 0
        assert re.search(r"^1 kept;", said, re.MULTILINE), said


def test_with_workers(tmp_path: pathlib.Path) -> None:
    """Under several workers all of it is run and passes, and what asks one vendor's server stays on one worker."""
    words = ["--vendor", "keycard", "--vendor", "rocket_chat", "-v", "-n", "2", "--max-examples", "0"]
    done = under_pytest(tmp_path, "-p", "xdist.plugin", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    found = workers(done.stdout)
    assert {item: outcome for item, (outcome, _) in found.items()} == dict.fromkeys(
        items("keycard") | items("rocket_chat"), "PASSED"
    )
    for name in ("keycard", "rocket_chat"):
        assert len({worker for item, (_, worker) in found.items() if item in items(name)}) == 1


def test_a_broken_belief_fails_its_item(tmp_path: pathlib.Path) -> None:
    """A broken belief fails its operation's item with its finding and no frame of ours; the others run all the same."""
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
    assert [belief for belief, outcome in found.items() if outcome != "PASSED"] == [
        "test_answers[mine][GET /firings/{number}]"
    ]
    assert len(found) == len(items(SIXTH))
    assert "mine/getFiring/answers/unknown" in done.stdout
    assert "404 with the code 4040" in done.stdout
    rooms = [pathlib.Path(pollspec.__file__).parent / room for room in ("judge", "trial", "doors")]
    assert [room for room in rooms if str(room) in done.stdout] == []
    code, said = ran(str(path))
    assert code == 1
    assert re.search(r"^\d+ kept, 1 broken[,;]", said, re.MULTILINE), said
    assert f"pollspec test {path} --max-examples 0 --only mine/getFiring/answers/unknown --seed 1" in said


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
from unittest import mock
from click.testing import CliRunner
from pollspec.cli import main
from pollspec.doors import plugin, run

def asked(seed: int) -> str:
    kept = []
    with mock.patch.object(run, "trials", lambda typed: kept.extend(plugin.trials(typed)) or kept):
        done = CliRunner().invoke(main, ["test", "keycard", "--seed", str(seed)], env={"GITHUB_STEP_SUMMARY": None})
    assert done.exit_code == 0, done.output
    sent = [(e.request.target, e.request.headers, e.request.content, e.start) for e in kept[0].target.exchanges]
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
    """pytest passes what the trial keeps without it."""
    assert {verdict.outcome for verdict in verdicts(polite("keycard")).values()} == {"kept"}
    assert set(outcomes(verbose.stdout).values()) == {"PASSED"}
