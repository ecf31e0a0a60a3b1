"""The polite server and the trial over real sockets of 127.0.0.1, as two terminals would have them."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.servers.polite import Mock
from tests.conftest import view
from tests.serving import served as serving

POLLS = 12
"""Polls that an operation takes here: by the real clock a slow machine would miss what is to be seen."""
POLITE = {"GITHUB_STEP_SUMMARY": None, "CI": None}


class Astray(Mock):
    """A polite server with one thing wrong: the link to what was started leads elsewhere."""

    def _start(self, *asked: Any) -> Any:
        answer = super()._start(*asked)
        body = answer.reading.value
        body["job"]["_links"]["self"]["href"] = "/api/cluster/jobs"
        return self.answers.plain(answer.status, body)


@contextlib.contextmanager
def mocking(*words: str) -> Iterator[dict[str, Any]]:
    """What `pollspec mock --json` says, while it serves."""
    command = [sys.executable, "-c", "from pollspec.cli import main; main()", "mock", *words, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            yield json.loads("".join(line for line in until(lines, "}\n")))
        finally:
            process.terminate()


def until(lines: Iterator[str], last: str) -> Iterator[str]:
    """Lines up to a certain one."""
    for line in lines:
        yield line
        if line == last:
            return


def run(*words: str) -> Result:
    """`pollspec test`, polling often."""
    return CliRunner().invoke(main, ["test", *words, "--interval", "0.01", "--max-examples", "2"], env=POLITE)


def test_two_terminals() -> None:
    """`pollspec mock` in one terminal and `pollspec test` in another: all kept, nothing untried, and 0."""
    with mocking("netapp_ontap", "--polls", str(POLLS)) as told:
        done = run("netapp_ontap", told["url"], "--allow-writes", "--require", "all", "--strict")
        assert done.exit_code == 0, done.output
        started = re.findall(rf"started on {re.escape(told['url'])}\S*:? .*?([0-9a-f-]{{36}})", done.output)
        assert len(set(started)) >= 2
        for operation, line in told["operations"].items():
            assert re.match(rf"(GET|POST) {told['url']}/api/cluster/", line), operation


def test_a_card_is_played_as_it_is_printed() -> None:
    """What a mock prints as a subject is answered to the headers and parameters it prints."""
    with mocking("keycard", "--polls", str(POLLS)) as told:
        given = told["subjects"]["finished"]["given"]
        url = told["operations"]["getTask"].removeprefix("GET ").format(**given)
        asked = urllib.request.Request(url, headers=told["credentials"]["default"])
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert json.loads(answer.read())["status"] == "pending"


def test_one_thing_wrong() -> None:
    """The same against a server with one thing wrong: 1, and the sentence that it breaks."""
    with serving(Astray(view("netapp_ontap"), polls=POLLS)) as url:
        done = run("netapp_ontap", url, "--allow-writes")
    assert done.exit_code == 1
    assert "netapp_ontap/startDownload/echoes/link-to-the-job" in done.output
    assert "returns the job UUID, including a HAL link to retrieve details about the job" in done.output
    assert f"pollspec test netapp_ontap {url} --allow-writes" in done.output
    assert "--only netapp_ontap/startDownload/echoes/link-to-the-job" in done.output
    assert re.search(rf"curl -i -X POST .*{url}/api/cluster/software/download", done.output)
    assert "YWRtaW46" not in done.output


def test_read_only() -> None:
    """Without --allow-writes nothing is started; that is no failure, unless it is required."""
    with serving(Mock(view("netapp_ontap"), polls=POLLS)) as url:
        done = run("netapp_ontap", url)
        wanted = "netapp_ontap/startDownload/refuses/no-url"
        required = run("netapp_ontap", url, "--only", wanted, "--require", wanted)
    assert done.exit_code == 0, done.output
    assert "wants allow_writes" in done.output
    assert "started on" not in done.output
    assert required.exit_code == 1, required.output


def test_a_target_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target file gives the address, the credentials and the subjects; its secrets are in no output."""
    sonar = view("logpresso_sonar")
    header = "$request.header.Authorization"
    monkeypatch.setenv("MEMBER", sonar.credentials["default"][header])
    guest = tmp_path / "guest"
    guest.write_text(sonar.credentials["unprivileged"][header] + "\n", encoding="utf-8")
    tokens = {name: subject.given["$request.query.token"] for name, subject in sonar.subjects.items() if subject.path}
    path = tmp_path / "target.toml"
    with serving(Mock(sonar, polls=POLLS)) as url:
        path.write_text(
            f"""
            base_url = "{url}"
            [credentials.default]
            Authorization = {{ env = "MEMBER" }}
            [credentials.unprivileged]
            Authorization = {{ file = "{guest}" }}
            [subjects]
            finished = "{tokens["finished"]}"
            failed = ["{tokens["failed"]}"]
            cancelled = {{ token = "{tokens["cancelled"]}" }}
            acknowledged = {{ command = "echo {tokens["acknowledged"]}" }}
            [polls]
            interval = 0.01
            at_most = 30
            """,
            encoding="utf-8",
        )
        assert tomllib.loads(path.read_text(encoding="utf-8"))
        done = CliRunner().invoke(
            main,
            ["test", "logpresso_sonar", "--target", str(path), "--max-examples", "6", "--require", "all", "--strict"],
            env=POLITE,
        )
    assert done.exit_code == 0, done.output
    assert "pollspec-test-card" not in done.output


def test_port_in_use() -> None:
    """A port that is taken is told, with what to type instead."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["mock", "keycard", "--port", str(port)])
    assert done.exit_code == 2
    assert done.output == (
        f"pollspec: port {port} cannot be used: Address already in use\n  hint: --port 0 takes a free one\n"
    )


def test_nobody_listens() -> None:
    """Where nobody listens, nothing could be run, and that is 3."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        done = run("keycard", url)
    assert done.exit_code == 3, done.output
    assert "the connection was refused" in done.output
    assert "Traceback" not in done.output
