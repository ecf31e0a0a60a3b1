"""A polite server in a client's own tests: five lines, findings also where the client raises, and control over HTTP."""

from __future__ import annotations

import json
import pathlib
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from pollspec.document.reading import load
from pollspec.doors.hosting import Hosted
from pollspec.errors import UsageError
from pollspec.servers import faults, scenarios

pytest_plugins = ["pytester"]

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

CLIENT = """
import json, urllib.request
pytest_plugins = ["pollspec.pytest"]

def status(server, subject="finished"):
    given = server.given(subject)
    url = f"{server.url}/zones/{given['zone_id']}/catalog_tasks/{given['task_id']}"
    return json.load(urllib.request.urlopen(url))["status"]
"""


@pytest.fixture
def keycard() -> Iterator[Hosted]:
    """A polite server on loopback."""
    hosted = Hosted("keycard")
    yield hosted
    hosted.close()


def asked(url: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
    """The status and the body of an answer."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def task(hosted: Hosted) -> str:
    """The URL of its task."""
    given = hosted.given("finished")
    return f"{hosted.url}/zones/{given['zone_id']}/catalog_tasks/{given['task_id']}"


def run(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    """A client's test, run by itself."""
    pytester.makepyfile(CLIENT + test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider")


def test_five_lines(pytester: pytest.Pytester) -> None:
    """A test of a client starts a server, talks to it in its own way, and looks at what it was asked."""
    test = """
def test_fails(polite_server):
    server = polite_server("keycard", scenario="fails")
    seen = [status(server) for _ in range(6)]
    assert seen[0] == "pending" and seen[-1] == "failed"
    assert len(server.exchanges) == 6 and server.findings == []
"""
    run(pytester, test).assert_outcomes(passed=1)


def test_a_client_that_raises_shows_what_was_asked(pytester: pytest.Pytester) -> None:
    """Where the client raises, the report has the requests, their answers and what the judge finds in them."""
    test = """
def test_gives_up(polite_server):
    server = polite_server("keycard", fault="mistypes-the-field:getTask/schema/Task.id:number")
    status(server)
    raise RuntimeError("the client gave up")
"""
    done = run(pytester, test)
    done.assert_outcomes(failed=1)
    out = done.stdout.str()
    assert "GET /zones/z1/catalog_tasks/task-finished -> 200" in out
    assert "keycard/getTask/schema/Task.id" in out and "the client gave up" in out


def test_findings_are_a_tests_to_ask(keycard: Hosted) -> None:
    """Of a polite server there are none; of one with a fault those of the belief that it breaks."""
    asked(task(keycard))
    assert keycard.findings == []
    spoilt = Hosted("keycard", fault="mistypes-the-field:getTask/schema/Task.id:number")
    try:
        asked(task(spoilt))
        broken = {belief.id for belief, _ in spoilt.findings if belief.grade == "source"}
        assert broken == {"keycard/getTask/schema/Task.id"}
    finally:
        spoilt.close()


def test_time_is_the_tests() -> None:
    """A server that lives by the clock moves on as the test says, and not by itself."""
    hosted = Hosted("keycard", duration=100.0)
    try:
        assert [asked(task(hosted))[1]["status"] for _ in range(3)] == ["pending"] * 3
        hosted.clock.advance(60.0)
        assert asked(task(hosted))[1]["status"] == "running"
    finally:
        hosted.close()


def test_held_over_http(keycard: Hosted) -> None:
    """In any language: hold, poll, look, move on."""
    control = f"{keycard.origin}/.pollspec"
    assert asked(f"{control}/hold", {"stage": "running"}) == (200, {"hold": "everybody"})
    assert [asked(task(keycard))[1]["status"] for _ in range(9)][-1] == "running"
    (known,) = asked(f"{control}/instances")[1]
    assert known == {"identity": ["z1", "task-finished"], "subject": "finished", "stage": "running", "asked": 9}
    assert asked(f"{control}/move-on", {"subject": "finished"}) == (200, {"move-on": "finished"})
    seen = asked(f"{control}/exchanges")[1]
    assert len(seen) == 9 and json.loads(seen[-1]["answer"])["status"] == "running"


WRONG = {
    "hold": ({"stage": "nowhere"}, 400, "there is no stage 'nowhere'"),
    "move-on": ({"subject": "nobody"}, 400, "there is no subject 'nobody'"),
    "hold?": ([], 400, "the body is none that is known"),
    "holds": ({}, 404, "no POST /.pollspec/holds"),
}


@pytest.mark.parametrize(("path", "body", "status", "told"), [(path, *more) for path, more in WRONG.items()], ids=WRONG)
def test_what_control_does_not_know(keycard: Hosted, path: str, body: Any, status: int, told: str) -> None:
    """It says what was wrong, and what there is."""
    code, answer = asked(f"{keycard.origin}/.pollspec/{path}", body)
    assert code == status and told in answer["error"]
    assert len(keycard.exchanges) == 0


@pytest.mark.parametrize(("options", "told"), [({"scenario": "fail"}, "fails"), ({"fault": "nothing"}, "fault")])
def test_what_cannot_be_served_is_an_error(options: dict[str, Any], told: str) -> None:
    """A scenario or a fault that there is not is named, and nothing is started."""
    with pytest.raises(UsageError, match=told):
        Hosted("keycard", **options)


def test_the_readmes_lines_run(pytester: pytest.Pytester) -> None:
    """What the README shows is a test that passes, with a client that polls until it is over."""
    (lines,) = re.findall(r"```python\n(pytest_plugins = .*?)```", README, re.DOTALL)
    client = """
class TaskFailed(Exception):
    pass


def wait_for_the_end(url, zone_id, task_id):
    while True:
        task = json.load(urllib.request.urlopen(f"{url}/zones/{zone_id}/catalog_tasks/{task_id}"))
        if task["status"] == "failed":
            raise TaskFailed
"""
    pytester.makepyfile(f"import json, urllib.request\nimport pytest\n{client}\n{lines}")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_page_of_scenarios_is_as_it_is(tmp_path: pathlib.Path) -> None:
    """The file that docs/scenarios.md shows is one, and its table has every name."""
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "shown.toml").write_text(shown, encoding="utf-8")
    scenario = scenarios.find(load("keycard"), str(tmp_path / "shown.toml"))
    assert faults.find(load("keycard"), scenario.fault or "") and len(scenario.courses["finished"]) == 5
    assert re.findall(r"^\| `(\w+)`", page, re.MULTILINE) == list(scenarios.NAMED)
