"""A polite server in a client's own tests: five lines, findings also where the client raises, and control over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from pollspec import spec
from pollspec.document.loader import load
from pollspec.doors.hosting import Hosted
from pollspec.errors import UsageError
from pollspec.servers import faults, scenarios
from pollspec.trial.request import build
from tests.conftest import SIXTH

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
    assert [status(server) for _ in range(2)] == ["pending"] * 2
    raise RuntimeError("the client gave up")
"""
    done = run(pytester, test)
    done.assert_outcomes(failed=1)
    out = done.stdout.str()
    assert "GET /zones/z1/catalog_tasks/task-finished -> 200 (2 times)" in out
    assert "keycard/getTask/schema/Task.id" in out and "the client gave up" in out


def test_a_fixture_of_its_own_that_raises_shows_it_too(pytester: pytest.Pytester) -> None:
    """What is asked before the test, or after it, is shown where that is what fails."""
    test = """
import pytest

@pytest.fixture
def client(polite_server):
    server = polite_server("keycard")
    status(server)
    raise RuntimeError("no client")

def test_never_runs(client):
    pass
"""
    done = run(pytester, test)
    done.assert_outcomes(errors=1)
    assert "GET /zones/z1/catalog_tasks/task-finished -> 200" in done.stdout.str()


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_no_named_scenario_is_slandered(name: str) -> None:
    """Whatever scenario is played, and whoever is asked about, the judge finds nothing."""
    for scenario in scenarios.NAMED:
        with contextlib.suppress(UsageError), contextlib.closing(Hosted(name, scenario)) as hosted:
            assert asked_about_everybody(hosted) > 0
            assert [(scenario, belief.id) for belief, _ in hosted.findings] == []


def asked_about_everybody(hosted: Hosted) -> int:
    """The number of answers to polls of every subject, by every operation that shows it."""
    vendor = hosted.vendor
    views = [vendor.operations[name] for lifecycle in vendor.lifecycles.values() for name in lifecycle.views]
    connection = http.client.HTTPConnection(hosted.origin.removeprefix("http://"))
    for subject in vendor.subjects.values():
        for operation in [one for one in views if subject.path and vendor.applies(subject, one)]:
            request = build(vendor, operation, {**vendor.credentials.get("default", {}), **subject.given})
            for _ in range(15):
                connection.request("GET", vendor.base_path + request.target, headers=dict(request.headers))
                connection.getresponse().read()
    connection.close()
    return len(hosted.exchanges)


def test_starting_needs_no_judge() -> None:
    """What judges is imported when it is asked, so that a server starts at once."""
    program = (
        "import sys; from pollspec.doors.hosting import Hosted; Hosted('keycard', 'fails').close();"
        "late = ('pollspec.judge', 'pollspec.trial', 'pollspec.reports');"
        "sys.exit(any(name.startswith(late) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


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


def test_one_server_serves_many_tests(keycard: Hosted) -> None:
    """Begun anew, with another scenario, it knows nothing of what was; time is moved on in any language as well."""
    control = f"{keycard.origin}/.pollspec"
    assert [asked(task(keycard))[0] for _ in range(5)][-1] == 200
    assert asked(f"{control}/restart", {"scenario": "fails"}) == (200, {"restart": "fails"})
    assert asked(f"{control}/exchanges") == (200, []) and asked(f"{control}/instances") == (200, [])
    assert [asked(task(keycard))[1]["status"] for _ in range(5)][-1] == "failed"
    assert asked(f"{control}/restart", {}) == (200, {"restart": "fails"})
    assert asked(task(keycard))[1]["status"] == "pending" and keycard.findings == []
    assert asked(f"{control}/advance", {"seconds": 5}) == (200, {"advance": 5.0}) and keycard.clock() == 5.0


def test_control_is_not_taken_for_the_documents(tmp_path: pathlib.Path) -> None:
    """Where every path of two segments is the document's, its own are the control's all the same."""
    text = (ROOT / "spec" / "keycard.yaml").read_text(encoding="utf-8")
    path = tmp_path / "short.yaml"
    path.write_text(
        text.replace("/zones/{zone_id}/catalog_tasks/{task_id}:", "/{zone_id}/{task_id}:"), encoding="utf-8"
    )
    with contextlib.closing(Hosted(str(path))) as hosted:
        assert asked(f"{hosted.url}/z1/task-finished")[0] == 200
        assert asked(f"{hosted.origin}/.pollspec/instances")[1][0]["subject"] == "finished"


WRONG = {
    "advance": ({"seconds": -1}, 400, "time goes on"),
    "advance?": ({"seconds": "soon"}, 400, "the body is none that is known"),
    "restart": ({"scenario": "fail"}, 400, 'did you mean "fails"?'),
    "restart?": ({"scenario": "cancelled"}, 400, "keycard has no scenario 'cancelled'"),
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


def test_the_page_has_every_order() -> None:
    """Each curl line of the page is answered with 200, by a server that plays what the lines are about."""
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    lines = re.findall(r"^curl (?:-X (POST) |-d '(.*)' )?http://127.0.0.1:8000(\S+)", page, re.MULTILINE)
    with contextlib.closing(Hosted("keycard")) as hosted:
        told = [
            asked(hosted.origin + path, json.loads(body) if body else None, method or None)
            for method, body, path in lines
        ]
    assert [status for status, _ in told] == [200] * 6 and len({path for *_, path in lines}) == 6


def test_the_same_at_the_command_line() -> None:
    """`pollspec mock` plays a scenario, and is held and moved on like any other; one that there is not is an error."""
    command = [sys.executable, "-m", "pollspec", "mock", "keycard", "--json"]
    with subprocess.Popen([*command, "--scenario", "fails"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = re.findall(r"http://127.0.0.1:\d+", "".join(iter(process.stdout.readline, "}\n")))[0]
            assert asked(f"{url}/.pollspec/hold", {"stage": "failed"})[0] == 200
            assert asked(f"{url}/zones/z1/catalog_tasks/task-finished")[1]["status"] == "pending"
            assert asked(f"{url}/.pollspec/advance", {"seconds": 60})[0] == 200
            assert asked(f"{url}/zones/z1/catalog_tasks/task-finished")[1]["status"] == "failed"
        finally:
            process.terminate()
    done = subprocess.run([*command, "--scenario", "fail"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and 'did you mean "fails"?' in done.stderr and "Traceback" not in done.stderr
