"""What passes a proxy, or is watched, is there for Prometheus; labels are bounded, and nothing in them is secret."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from typing import Any
from unittest import mock

import httpx
import pytest
from click.testing import CliRunner
from prometheus_client import start_http_server
from prometheus_client.parser import text_string_to_metric_families

from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.document.messages import Answer
from pollspec.document.vendor import Vendor
from pollspec.doors.metrics import CLASSES, exposed
from pollspec.doors.proxy.serving import Telling
from pollspec.doors.recording import Passage, of_traffic
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from tests.serving import PATIENCE, served
from tests.test_doors_proxy import SIGNED, Running, Wrong, ask_of_a_job

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    """The document with the most operations."""
    return load("netapp_ontap")


def scraped(url: str) -> Samples:
    """The samples that are served there, by name and labels."""
    families = text_string_to_metric_families(httpx.get(url, timeout=PATIENCE).text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def sample(found: Samples, name: str, **labels: str) -> float:
    """One of them."""
    return found[f"pollspec_{name}", frozenset(labels.items())]


def test_a_proxy_is_scraped_while_it_runs(vendor: Vendor) -> None:
    """Requests by status, polls, latencies; trials, findings and what became of each belief."""
    with served(Wrong(vendor, polls=2)) as upstream:
        running = Running("--upstream", upstream, "--metrics", "0")
        assert running.first == f"metrics at {running.url}\n"
        assert running.process.stdout
        url = running.process.stdout.readline().split()[4]
        before = scraped(running.url)
        ask_of_a_job(vendor, url, 6)
        found = scraped(running.url)
        running.ended_by(signal.SIGTERM)
    assert sample(before, "requests_total", operation="getJob", status="2xx") == 0
    assert sample(found, "requests_total", operation="getJob", status="2xx") == 6
    assert sample(found, "requests_total", operation="getDownload", status="2xx") == 0
    assert sample(found, "polls_total", operation="getJob") == 6
    assert sample(found, "request_seconds_count", operation="getJob") == 6
    broken, kept = "netapp_ontap/getJob/schema/Job.message", "netapp_ontap/getJob/schema/Job.state"
    assert sample(found, "findings_total", belief=broken, grade="source") > 0
    assert sample(found, "tried_total", belief=kept) == 6
    assert sample(found, "verdict", belief=broken, outcome="broken") == 1
    assert sample(found, "verdict", belief=broken, outcome="kept") == 0
    assert sample(found, "verdict", belief=kept, outcome="kept") == 1


class Ever(Mock):
    """A server that answers with ever new things."""

    number = 0

    def respond(self, *asked: Any) -> Answer:
        """A redirect to somewhere else each time, under a status of its own."""
        self.number += 1
        return Answer(300 + self.number, (("location", f"http://s3cret.example/{self.number}"),), b"s3cret")


def test_labels_are_bounded_and_hold_nothing_that_passed(vendor: Vendor) -> None:
    """Whatever is asked and answered, the series are those that there were before anything was."""
    told: list[str] = []
    recording = Telling(vendor, of_traffic(vendor), "http://server.example")
    with exposed("0", vendor, recording.judged, told.append) as recording.counting:
        url = told[0].removeprefix("metrics at ")
        before, server = scraped(url), Ever(vendor)
        for number in range(60):
            target = f"/api/cluster/jobs/s3cret-{number}"
            answer = server.respond()
            recording.add(passage(target, answer, number))
        found = scraped(url)
    assert found.keys() == before.keys()
    assert sample(found, "requests_total", operation="getJob", status="3xx") == 60
    assert not [key for key in found if "s3cret" in str(key)]
    labels = {name for _, given in found for name, _ in given}
    assert labels == {"operation", "status", "belief", "grade", "outcome", "le"}
    assert len([key for key in found if key[0] == "pollspec_verdict"]) == len(of_traffic(vendor)) * len(Outcome)
    assert len([key for key in found if key[0] == "pollspec_requests_total"]) == len(vendor.operations) * len(CLASSES)


def passage(target: str, answer: Answer, number: int) -> Passage:
    """What passed: signed, and answered within a second."""
    headers = tuple(SIGNED.items())
    return Passage("GET", f"http://server.example{target}", headers, b"", answer, float(number), number + 0.5)


def test_a_watch_is_scraped_as_well(vendor: Vendor) -> None:
    """The address is told beside the progress; it serves as long as is watched."""
    job = vendor.subjects["finished"].given["$request.path.uuid"]
    found: list[Samples] = []
    ports: list[int] = []

    class Scraping(Mock):
        """A polite server that looks at the metrics of who asks it."""

        def respond(self, *asked: Any) -> Answer:
            if ports:
                found.append(scraped(f"http://127.0.0.1:{ports[0]}/metrics"))
            return super().respond(*asked)

    def started(port: int, host: str, registry: Any) -> Any:
        server, thread = start_http_server(port, host, registry)
        ports.append(server.server_port)
        return server, thread

    with served(Scraping(vendor, polls=2)) as url, mock.patch("prometheus_client.start_http_server", started):
        words = ["watch", "netapp_ontap", url, "--subject", f"uuid={job}", "--interval", "0.01", "--metrics", "0"]
        said = CliRunner().invoke(main, words)
    assert said.exit_code == 0
    assert f"metrics at http://127.0.0.1:{ports[0]}/metrics\n" in said.stderr
    polls = [sample(one, "polls_total", operation="getJob") for one in found]
    assert len(polls) > 1 and polls == [polls[0] + number for number in range(len(polls))]


WRONG = [
    ("x", "--metrics 'x': expected a port, or HOST:PORT"),
    ("127.0.0.1:70000", "--metrics '127.0.0.1:70000': expected a port, or HOST:PORT"),
]


@pytest.mark.parametrize(("place", "expected"), WRONG)
def test_a_place_that_is_none_is_a_clear_error(place: str, expected: str) -> None:
    """Exit code 2."""
    said = CliRunner().invoke(main, ["proxy", "keycard", "--upstream", "http://127.0.0.1:1", "--metrics", place])
    assert (said.exit_code, said.stderr.splitlines()[0]) == (2, f"pollspec: {expected}")


def test_without_prometheus_client_it_says_what_to_install() -> None:
    """Where metrics are asked for, and only there."""
    with mock.patch.dict(sys.modules, {"prometheus_client": None}):
        said = CliRunner().invoke(main, ["proxy", "keycard", "--upstream", "http://127.0.0.1:1", "--metrics", "0"])
    assert (said.exit_code, said.stderr.splitlines()) == (
        2,
        [
            "pollspec: --metrics needs prometheus-client, which is not installed",
            "  hint: pip install 'pollspec[metrics]', or leave it out",
        ],
    )
