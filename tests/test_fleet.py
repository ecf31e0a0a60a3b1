"""`pollspec test VENDOR --targets`: ovens on loopback, some of which misbehave, in one run, in shards, on Dask."""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import distributed
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.document.messages import Answer
from pollspec.doors import cluster
from pollspec.doors.fleet.fleet import Fleet
from pollspec.reports.baseline import read
from pollspec.reports.fleetlines import LiveTable, PlainLines, telling
from pollspec.reports.json import typed
from pollspec.servers.polite import Mock
from pollspec.trial.fleet import Member
from tests import ovens
from tests.serving import scripted, served

OVEN = str(ovens.DOCUMENT)
KEYS = ["key-of-oven-" + "abcdef"[number] * 9 for number in range(6)]
SPOILT = {1: ovens.silent, 3: ovens.silent}
WORDS = "oven/getLoaf/only-when/words"


class Oven(Mock):
    """An oven that any key opens. What is spoilt shows another oven's key as well."""

    spoil: ovens.Spoil = staticmethod(ovens.good)

    def respond(self, method: str, path: str, query: str, headers: Any, content: bytes) -> Answer:
        """The polite answer, perhaps spoilt."""
        known = [(name, ovens.KEY if value in KEYS else value) for name, value in headers]
        answer = super().respond(method, path, query, known, content)
        if method == "GET" and answer.status == 200:
            body = json.loads(answer.content)
            self.spoil(body, 0)
            if body["note"] == "Hm.":
                body["note"] += f" {KEYS[0]}"
            return Answer(answer.status, answer.headers, json.dumps(body).encode())
        return answer


@pytest.fixture(scope="module")
def bakery() -> Iterator[dict[str, Oven]]:
    """Five ovens by their addresses; two of them misbehave."""
    ovens_ = []
    for number in range(5):
        ovens_.append(Oven(load(OVEN), duration=0.3))
        ovens_[-1].spoil = SPOILT.get(number, ovens.good)
    with contextlib.ExitStack() as stack:
        yield {stack.enter_context(served(oven)): oven for oven in ovens_}


def closed() -> int:
    """A port that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def fleet(bakery: dict[str, Oven], tmp_path: pathlib.Path) -> str:
    """A fleet file of the ovens, whose loaves are unbaked, and of one that is down."""
    lines = ["[shared]", "[shared.polls]", "interval = 0.05", "[shared.subjects]", 'finished = "loaf-1"']
    for number, (url, oven) in enumerate(bakery.items()):
        oven.instances.clear()
        lines += [f"[targets.t{number}]", f'base_url = "{url}/v1"']
        lines += [f"[targets.t{number}.credentials.default]", f'X-Oven-Key = "{KEYS[number]}"']
    lines += ["[targets.down]", f'base_url = "http://127.0.0.1:{closed()}"']
    (tmp_path / "fleet.toml").write_text("\n".join(lines), encoding="utf-8")
    return str(tmp_path / "fleet.toml")


def command(fleet: str, report: pathlib.Path, *words: str) -> list[str]:
    """The words of a run of the fleet, six targets of one host at a time at most."""
    options = ["--per-host", "6", "--max-examples", "4", "--report", f"json={report}"]
    return ["test", OVEN, "--targets", fleet, *options, *words]


def run(*words: str) -> Result:
    """One command, away from the pipeline that this may run in."""
    return CliRunner().invoke(main, list(words), env={"GITHUB_STEP_SUMMARY": None, "CI": None})


def outcomes(path: pathlib.Path) -> dict[tuple[str, str], str]:
    """What became of each belief at each target, in a JSON report."""
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {(row["target_name"], row["id"]): row["outcome"] for row in rows}


def broken(path: pathlib.Path) -> set[tuple[str, str]]:
    """Which target breaks what."""
    return {pair for pair, outcome in outcomes(path).items() if outcome == "broken"}


FOUND = {("t1", WORDS), ("t3", WORDS)}


def test_who_breaks_what(fleet: str, tmp_path: pathlib.Path) -> None:
    """Each target is judged by itself; the one that is down could not run; 1 wins over 3; no secret is shown."""
    more = ["--report", f"html={tmp_path / 'h'}", "--report", f"sarif={tmp_path / 's'}"]
    done = run(*command(fleet, tmp_path / "r", *more))
    assert done.exit_code == 1, done.output
    assert broken(tmp_path / "r") == FOUND
    down = {outcome for (name, _), outcome in outcomes(tmp_path / "r").items() if name == "down"}
    assert down == {"kept", "could not run"}
    assert "targets    t1, t3" in done.output and "6 of 6: " in done.output
    everything = done.output + "".join((tmp_path / name).read_text(encoding="utf-8") for name in "rhs")
    assert not [key for key in KEYS if key in everything]
    assert "Hm. <secret of t0>" in everything
    row = next(row for row in json.loads((tmp_path / "r").read_text(encoding="utf-8"))["rows"] if row["fails"])
    assert f"--target '{fleet}#t1' --max-examples 4 --only {WORDS}" in row["reproduce"]


def test_shards_find_what_one_run_finds(fleet: str, tmp_path: pathlib.Path) -> None:
    """Two shards, joined, have the same targets and the same findings; one shard alone has not."""
    codes = [run(*command(fleet, tmp_path / name, "--shard", f"{name}/2")).exit_code for name in "12"]
    assert codes == [0, 1]
    done = run("report", "merge", str(tmp_path / "1"), str(tmp_path / "2"), "--report", f"json={tmp_path / 'r'}")
    assert done.exit_code == 1, done.output
    assert broken(tmp_path / "r") == FOUND
    assert len({name for name, _ in outcomes(tmp_path / "r")}) == 6
    assert run("report", "merge", str(tmp_path / "1")).exit_code == 2


def test_an_empty_shard_is_good(fleet: str, tmp_path: pathlib.Path) -> None:
    """A shard that has no target is 0, and is needed for the whole as any other is."""
    done = run(*command(fleet, tmp_path / "r", "--shard", "9/9"))
    assert done.exit_code == 0, done.output
    assert "shard 9/9 has no target" in done.output
    assert json.loads((tmp_path / "r").read_text(encoding="utf-8"))["shard"] == "9/9"


def test_dask_finds_what_one_machine_finds(fleet: str, tmp_path: pathlib.Path) -> None:
    """Workers of a Dask cluster find the same, each target in a process of its own."""
    options: dict[str, Any] = {"dashboard_address": None, "local_directory": str(tmp_path)}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, **options) as cluster:
        done = run(*command(fleet, tmp_path / "r", "--scheduler", cluster.scheduler_address))
    assert done.exit_code == 1, done.output
    assert broken(tmp_path / "r") == FOUND
    assert len({name for name, _ in outcomes(tmp_path / "r")}) == 6


def test_without_dask(fleet: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask a fleet is tested all the same; what --scheduler wants is said."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = run(*command(fleet, tmp_path / "r", "--scheduler", "tcp://127.0.0.1:8786"))
    assert done.exit_code == 2 and "pip install 'pollspec[fleet]'" in done.output
    assert run(*command(fleet, tmp_path / "r", "--shard", "2/6")).exit_code == 1


def test_a_scheduler_that_does_not_answer(fleet: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that is not there could not run, and is named."""
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    address = f"tcp://127.0.0.1:{closed()}"
    done = run(*command(fleet, tmp_path / "r", "--scheduler", address))
    assert done.exit_code == 3 and f"--scheduler '{address}' does not answer" in done.output


def test_an_interrupt_reports_what_was_learnt(fleet: str, tmp_path: pathlib.Path) -> None:
    """Ctrl-C ends every target's process, and the report has what was learnt, of each target."""
    stuck, gone = threading.Event(), threading.Event()

    def hang(connection: socket.socket) -> None:
        stuck.set()
        gone.wait(20)

    with scripted(hang) as url:
        (tmp_path / "two.toml").write_text(
            f"[shared.polls]\ninterval = 0.05\n[targets.good]\nbase_url = '{address_of(fleet)}'\n"
            f"credentials.default.X-Oven-Key = '{KEYS[0]}'\n[targets.stuck]\nbase_url = '{url}'",
            encoding="utf-8",
        )
        words = command(str(tmp_path / "two.toml"), tmp_path / "r", "--at-once", "2")
        process = subprocess.Popen([sys.executable, "-m", "pollspec", *words], stderr=subprocess.PIPE, text=True)
        assert process.stderr
        assert process.stderr.readline().startswith("1 of 2: good: ")
        assert stuck.wait(20)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        assert process.wait(60) == 130
        gone.set()
    report = json.loads((tmp_path / "r").read_text(encoding="utf-8"))
    assert not report["finished"]
    assert {name: row["interrupted"] for name, row in report["vendors"].items()} == {
        "oven@good": False, "oven@stuck": True,
    }  # fmt: skip
    assert {outcome for (name, _), outcome in outcomes(tmp_path / "r").items() if name == "good"} >= {"kept"}


def address_of(fleet: str) -> str:
    """The first oven's address."""
    return str(tomllib.loads(pathlib.Path(fleet).read_text(encoding="utf-8"))["targets"]["t0"]["base_url"])


def test_known_failures_of_one_target(fleet: str, tmp_path: pathlib.Path) -> None:
    """A known failure may be one target's: it excuses no other; `pollspec baseline` writes the name."""
    assert run(*command(fleet, tmp_path / "r", "--shard", "2/2")).exit_code == 1
    text = run("baseline", str(tmp_path / "r")).output
    assert 'target = "t1"' in text and 'target = "t3"' in text
    one = f'[[known]]\nid = "{WORDS}"\ntarget = "t1"\nreason = "old"\nexpires = 2999-01-01\n'
    anywhere = one.replace('target = "t1"\n', "")
    for name, known, code in (("one", one, 1), ("both", one + one.replace("t1", "t3"), 0), ("any", anywhere, 0)):
        (tmp_path / name).write_text(known, encoding="utf-8")
        assert judged_again(tmp_path / "r", str(tmp_path / name)) == code, name


def test_known_failures_on_own_data(fleet: str, tmp_path: pathlib.Path) -> None:
    """What breaks of a target's own data is known like anything else, and what is required may be of one target."""
    with pathlib.Path(fleet).open("a", encoding="utf-8") as file:
        file.write('\n[[targets.t0.known]]\nname = "mine"\nid = "loaf-of-nobody"\nstage = "done"\n')
    own, path = "oven/getLoaf/answers/mine", tmp_path / "r"
    done = run(*command(fleet, path, "--shard", "1/6", "--require", own))
    assert done.exit_code == 1 and ("t0", own) in broken(path), done.output
    (tmp_path / "known.toml").write_text(run("baseline", str(path)).output, encoding="utf-8")
    done = run(*command(fleet, path, "--shard", "1/6", "--baseline", str(tmp_path / "known.toml")))
    assert done.exit_code == 0 and outcomes(path)["t0", own] == "known", done.output


def judged_again(path: pathlib.Path, known: str) -> int:
    """The exit code of a report without what could not run, once some failures are known."""
    report = typed(json.loads(path.read_text(encoding="utf-8")))
    report.rows = [row for row in report.rows if row.target_name != "down"]
    read(known, load(OVEN).beliefs).apply(report, date.today())
    return report.exit_code()


def test_one_target_of_a_host_at_a_time() -> None:
    """Of one host one target is tested at a time, or as many as were asked for; of all hosts as many as may be."""
    made = [Member(f"{host}{number}", "", "", host, False) for host in "ab" for number in range(3)]
    fleet = Fleet.__new__(Fleet)
    fleet.options = {"per_host": 1}
    assert [one.name for one in fleet.next(made, [], 4)] == ["a0", "b0"]
    assert [one.name for one in fleet.next(made[1:], made[:1], 4)] == ["b0"]
    assert [one.name for one in fleet.next(made, [], 1)] == ["a0"]
    fleet.options = {"per_host": 2}
    assert [one.name for one in fleet.next(made, [], 3)] == ["a0", "a1", "b0"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["test", "keycard", "--shard", "1/2"], "--shard is for a fleet"),
        (["test", "keycard", "--scheduler", "tcp://x"], "--scheduler is for a fleet"),
        (["test", "--targets", "x"], "--targets takes a vendor"),
        (["test", "keycard", "http://x", "--targets", "x"], "no URL"),
        (["test", "keycard", "--targets", "x", "--target", "x"], "no --target"),
        (["test", "keycard", "--targets", "nowhere.toml"], "cannot be read"),
    ],
)
def test_words_that_do_not_fit(words: list[str], said: str) -> None:
    """What a fleet takes, and what only a fleet takes."""
    done = run(*words)
    assert done.exit_code == 2 and said in done.output


def test_a_terminal_shows_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal has a row for each target that is tested now; elsewhere and in CI there are lines."""
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    live = telling(screen, screen, {"TERM": "xterm"}, 2)
    assert isinstance(live, LiveTable)
    assert isinstance(telling(screen, screen, {"CI": "1"}, 2), PlainLines)
    live.began("t0")
    live.heard("t0", 17, "getLoaf baking")
    shown = Console(file=io.StringIO(), width=80, record=True)
    shown.print(live.table())
    live.close()
    assert re.search(r"0 of 2 targets done.*\nt0 +17 +0 +getLoaf baking", shown.export_text())
