"""Recorded traffic is judged as it happened, whoever wrote it down, and what a capture lacks is never made up."""

from __future__ import annotations

import base64
import gzip
import pathlib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pollspec import spec
from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.doors.recording import of_traffic
from pollspec.judge.exchange import NEARLY, Exchange
from pollspec.judge.verdict import Outcome, Verdict
from pollspec.servers.faults import Fault, Impolite, derive
from pollspec.servers.polite import Mock
from pollspec.trial.ledger import Ledger
from pollspec.trial.selection import Plan
from pollspec.trial.target import Polls, Target, cards, embedded
from pollspec.trial.trial import Trial
from pollspec.trial.wire.pace import Clock
from pollspec.trial.wire.transports import Application
from tests.captures import (
    DAWN,
    HOST,
    Told,
    capture,
    chrome,
    entry,
    firefox,
    mitmproxy,
    of_exchanges,
    pairs,
    schemathesis,
)
from tests.recordings import judged, reread

JOB = "f587d316-5feb-11e8-b0e0-005056956dfc"
WORDS = {"queued": "Waiting", "running": "Package download in progress", "success": "success"}
SIGNED = {"Authorization": "Basic c29tZWJvZHk6c29tZS1wYXNzd29yZA==", "Accept": "application/json"}


@pytest.fixture(scope="module")
def ontap() -> Vendor:
    return load("netapp_ontap")


def job(state: str, at: float, **more: Any) -> Told:
    """A poll of one job."""
    body = {"uuid": JOB, "description": "POST /api/cluster/software/download", "state": state, "message": WORDS[state]}
    return replace(Told(f"/api/cluster/jobs/{JOB}", {**body, "code": 0}, at=at, asked=SIGNED), **more)


def runs_again() -> list[Told]:
    """A job that is seen running after it has succeeded."""
    return [job("queued", 1), job("running", 2), job("success", 3), job("running", 4)]


def verdicts(vendor: Vendor, path: str) -> dict[str, Verdict]:
    """What becomes of each belief, by the part of its id after the vendor."""
    return {name.partition("/")[2]: verdict for name, verdict in reread(vendor, path).verdicts().items()}


def broken(found: dict[str, Verdict]) -> dict[str, int]:
    """The beliefs that were not kept, with how often."""
    return {name: verdict.count for name, verdict in found.items() if verdict.findings}


def typed(*words: str) -> Result:
    """What the command says to these words."""
    return CliRunner().invoke(main, list(words))


def run(vendor: Vendor, fault: Fault | None = None) -> Target:
    """An embedded run against a polite server, or an impolite one: everything that is planned, nothing made up."""
    every = max(lifecycle.every for lifecycle in vendor.lifecycles.values())

    def make(clock: Clock) -> Application:
        polite = Mock(vendor, clock, duration=12 * every)

        async def pause(seconds: float) -> None:
            clock.sleep(seconds)

        return Impolite(polite, vendor, fault, pause=pause) if fault else polite

    settings = replace(cards(vendor), polls=Polls(at_most=20 * every))
    target = embedded(vendor, make, settings)
    Trial(vendor, lambda: target, Plan(examples=0), vendor.beliefs).run()
    return target


def is_told(exchange: Exchange) -> bool:
    """Whether a capture tells what an exchange was for.

    Only who asked knows that a login or an identifier is nearly a right one, that a link was followed, and that two
    things were asked at the same moment on purpose.
    """
    return not (exchange.login or exchange.subject == NEARLY or exchange.link or exchange.at_once)


def captured(vendor: Vendor, exchanges: Sequence[Exchange], folder: pathlib.Path) -> dict[str, Verdict]:
    """What becomes of each belief in a capture of these exchanges; the entries stand in any order."""
    entries = of_exchanges(exchanges, vendor.base_path)
    random.Random(1).shuffle(entries)
    return verdicts(vendor, capture(folder, entries))


def direct(vendor: Vendor, exchanges: Sequence[Exchange]) -> dict[str, Verdict]:
    """What becomes of each belief in the run itself."""
    ledger = Ledger(vendor, of_traffic(vendor), "a run")
    for exchange in exchanges:
        ledger.enter(exchange)
    return {name.partition("/")[2]: verdict for name, verdict in ledger.verdicts().items()}


def alike(vendor: Vendor, target: Target, folder: pathlib.Path) -> dict[str, int]:
    """The broken beliefs of what a capture tells of a run, which it breaks as well; of the rest it makes up nothing."""
    told = [exchange for exchange in target.exchanges if is_told(exchange)]
    here, there = captured(vendor, told, folder), direct(vendor, told)
    assert {name: (v.outcome, v.tried, v.count) for name, v in here.items()} == {
        name: (v.outcome, v.tried, v.count) for name, v in there.items()
    }
    everything = direct(vendor, target.exchanges)
    assert broken(captured(vendor, target.exchanges, folder)).keys() <= broken(everything).keys()
    return broken(here)


@pytest.mark.parametrize("name", spec.names())
def test_a_good_run_and_its_capture_are_judged_alike(name: str, tmp_path: pathlib.Path) -> None:
    """Each belief has the same outcome and is tried as often; none is broken."""
    vendor = load(name)
    target = run(vendor)
    assert alike(vendor, target, tmp_path) == {}
    assert len(target.exchanges) / 2 < sum(map(is_told, target.exchanges)) < len(target.exchanges)


@pytest.mark.parametrize("name", spec.names())
def test_a_bad_run_and_its_capture_are_judged_alike(name: str, tmp_path: pathlib.Path) -> None:
    """With one of several faults in the server both break the same beliefs, equally often."""
    vendor = load(name)
    good = direct(vendor, [exchange for exchange in run(vendor).exchanges if is_told(exchange)])
    tried = {f"{vendor.slug}/{name}" for name, verdict in good.items() if verdict.tried}
    faults = [fault for fault in derive(vendor) if fault.document is None and fault.belief.id in tried]
    for fault in faults[:: len(faults) // 6]:
        assert fault.belief.id.partition("/")[2] in alike(vendor, run(vendor, fault), tmp_path), fault.id


def schemathesis_text(told: Sequence[Told], folder: pathlib.Path) -> str:
    return schemathesis(told, folder / "capture.har", preserve_bytes=False)


def schemathesis_bytes(told: Sequence[Told], folder: pathlib.Path) -> str:
    return schemathesis(told, folder / "capture.har", preserve_bytes=True)


WRITERS: dict[str, Callable[[Sequence[Told], pathlib.Path], str]] = {
    "chrome": lambda told, folder: capture(folder, chrome(told)),
    "firefox": lambda told, folder: capture(folder, firefox(told)),
    "mitmproxy": lambda told, folder: capture(folder, mitmproxy(told)),
    "schemathesis": schemathesis_text,
    "schemathesis with bytes": schemathesis_bytes,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_whoever_wrote_it_the_same_is_read(ontap: Vendor, writer: str, tmp_path: pathlib.Path) -> None:
    """A start with its body and four polls: the one broken belief is found, with both exchanges it rests on."""
    body = {"url": "http://server/package", "username": "me", "password": "swordfish-swordfish"}
    link = {"self": {"href": f"/api/cluster/jobs/{JOB}"}}
    start = Told(
        "/api/cluster/software/download?return_timeout=0",
        {"job": {"uuid": JOB, "_links": link}},
        202,
        method="POST",
        sent=body,
        asked={**SIGNED, "Content-Type": "application/json"},
    )
    found = verdicts(ontap, WRITERS[writer]([start, *runs_again()], tmp_path))
    assert broken(found) == {"getJob/lifecycle/ends": 1}
    finding = found["getJob/lifecycle/ends"].findings[0]
    assert (finding.expected, finding.actual) == ('"success" or what may follow it', '"running"')
    assert finding.since and round(finding.at.start - finding.since.start, 3) == 1
    assert found["startDownload/keeps-secret/password"].outcome is Outcome.KEPT
    assert found["startDownload/hands-over/job"].outcome is Outcome.KEPT
    assert {header for header, _ in finding.at.request.headers} & {":path", ":method"} == set()


def test_what_is_not_the_vendors_is_left_alone(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """Other paths, other methods, web sockets, data and extensions, however they are broken."""
    others = [
        entry(Told("/api/cluster/other", {})),
        entry(job("queued", 1, method="DELETE")),
        entry(Told("", ""), url_in_request="wss://console.example/socket", startedDateTime="never"),
        entry(Told("", ""), url_in_request="data:image/png;base64,AAAA", response={}),
        entry(Told("", ""), url_in_request="chrome-extension://abc/script.js"),
    ]
    path = capture(tmp_path, [*others, entry(job("queued", 2))])
    assert reread(ontap, path).others == 5
    assert [exchange.number for exchange in judged(ontap, path)] == [5]


def test_entries_out_of_order_are_numbered_by_their_time(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """The judge goes by numbers as well as by times, so that they have to agree."""
    told = runs_again()
    exchanges = judged(ontap, capture(tmp_path, map(entry, [told[3], told[0], told[2], told[1]])))
    assert [exchange.number for exchange in exchanges] == [0, 1, 2, 3]
    assert [exchange.start - DAWN.timestamp() for exchange in exchanges] == [1, 2, 3, 4]


def test_any_prefix_is_taken_or_the_one_that_is_given(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """Where no base path is given the documented path may stand behind any; a given one must be there."""
    entries = [entry(replace(job("queued", at), path=f"{prefix}/api/cluster/jobs/{JOB}")) for at, prefix in PREFIXES]
    path = capture(tmp_path, entries)
    assert len(judged(ontap, path)) == 3
    assert [e.number for e in judged(ontap, path, "/a/b")] == [1]
    assert [e.number for e in judged(ontap, path, "")] == [0]


PREFIXES = [(1, ""), (2, "/a/b"), (3, "/a/b/c")]


def test_servers_are_told_apart(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """The same job on two hosts is two jobs: nothing is compared between them."""
    elsewhere = f"http://other.example/api/cluster/jobs/{JOB}"
    entries = [entry(job("success", 1)), entry(job("running", 2), url_in_request=elsewhere)]
    assert broken(verdicts(ontap, capture(tmp_path, entries))) == {}


def test_polls_that_overlap_have_no_order(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """A start that was cut to a second may have been a second later: what overlaps so is not compared."""
    cut = [entry(told, startedDateTime=f"2026-11-22T06:00:0{int(told.at)}Z") for told in runs_again()]
    assert broken(verdicts(ontap, capture(tmp_path, cut))) == {}
    long = [entry(job("success", 3, took=5.0)), entry(job("running", 4))]
    assert broken(verdicts(ontap, capture(tmp_path, long))) == {}


def test_an_unknown_duration_proves_no_order(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """Where neither `time` nor `timings` tell, nothing is held to have come after the answer; one of both is enough."""
    untimed = [entry(told, time=-1, timings={}) for told in runs_again()]
    assert broken(verdicts(ontap, capture(tmp_path, untimed))) == {}
    half = [entry(told, time=-1, timings={"send": -1, "wait": 12, "receive": 1}) for told in runs_again()]
    assert broken(verdicts(ontap, capture(tmp_path, half))) == {"getJob/lifecycle/ends": 1}


LACKING: dict[str, dict[str, Any]] = {
    "no text": {"content_in_response": {"size": 123, "mimeType": "application/json"}},
    "no text and no size": {"content_in_response": {"size": -1, "mimeType": ""}},
    "no content": {"content_in_response": {}},
    "an empty text of some size": {"content_in_response": {"size": 123, "mimeType": "", "text": ""}},
    "truncated": {"content_in_response": {"size": 9, "text": '{"state', "comment": "Body truncated: 7 of 9 bytes"}},
}


@pytest.mark.parametrize("lacking", LACKING)
def test_a_body_that_a_capture_lacks_is_not_an_empty_one(ontap: Vendor, lacking: str, tmp_path: pathlib.Path) -> None:
    """It is judged by nothing, the report says why, and the polls on both sides of it are still compared."""
    told = runs_again()
    entries = [*map(entry, told[:3]), entry(job("success", 3.5), **LACKING[lacking]), *map(entry, told[3:])]
    path = capture(tmp_path, entries)
    assert broken(verdicts(ontap, path)) == {"getJob/lifecycle/ends": 1}
    assert "1 not judged: the capture lacks the answer's body" in typed("judge", "netapp_ontap", path).stdout


def test_a_capture_without_any_body_could_not_be_judged(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """The exit code says that it could not run, and the report what is lacking."""
    entries = [entry(told, content_in_response={"size": 7}) for told in runs_again()]
    said = typed("judge", "netapp_ontap", capture(tmp_path, entries))
    assert said.exit_code == 3
    assert "could not run: the capture lacks the answer's body" in said.stdout


def test_nothing_is_compared_across_a_lost_answer(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """Status 0, as browsers write it, a 503 and a 503 without its body are gaps."""
    told = runs_again()
    lost: list[dict[str, Any]] = [
        {"response": {"status": 0, "statusText": "", "headers": [], "content": {}, "_error": "net::ERR_FAILED"}},
        {"status_in_response": 503},
        {"status_in_response": 503, "content_in_response": {"size": 12}},
    ]
    for change in lost:
        entries = [*map(entry, told[:3]), entry(job("success", 3.5), **change), *map(entry, told[3:])]
        assert broken(verdicts(ontap, capture(tmp_path, entries))) == {}


def test_what_a_browser_took_from_its_cache_is_no_poll(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """An old answer that a browser shows again says nothing of the server."""
    told = runs_again()
    for mark in ({"_fromCache": "disk"}, {"_fetchType": "Memory Cache"}):
        entries = [*map(entry, told[:3]), entry(told[3], **mark)]
        assert broken(verdicts(ontap, capture(tmp_path, entries))) == {}


def test_a_request_body_that_a_capture_lacks_is_not_an_empty_one(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """A start whose body is not there is not taken for one without a url."""
    started = Told("/api/cluster/software/download", {"job": {"uuid": JOB}}, 202, method="POST", asked=SIGNED)
    for change in ({"bodySize_in_request": 60}, {"bodySize_in_request": -1}):
        found = verdicts(ontap, capture(tmp_path, [entry(started, **change)]))
        assert broken(found) == {}
        assert found["startDownload/refuses/no-url"].outcome is Outcome.COULD_NOT_RUN
    empty = verdicts(ontap, capture(tmp_path, [entry(started, bodySize_in_request=0)]))
    assert empty["startDownload/refuses/no-url"].outcome is Outcome.DEVIATES


def test_a_value_that_was_taken_out_is_not_what_was_sent(tmp_path: pathlib.Path) -> None:
    """A token that the writer replaced is not a token that is no GUID."""
    sonar = load("logpresso_sonar")
    told = Told("/api/sonar/apps/install-progress?token=%5BFiltered%5D", {}, asked=SIGNED)
    found = verdicts(sonar, capture(tmp_path, [entry(told)]))
    assert broken(found) == {}
    assert found["getInstallProgress/refuses/no-guid"].wants == "the capture does not show the request's token"


def test_bytes_that_are_still_packed_are_unpacked(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """Some writers keep gzip as it came."""
    entries = []
    for told in runs_again():
        text = base64.b64encode(gzip.compress(told.text.encode())).decode()
        content = {"size": len(text), "text": text, "encoding": "base64"}
        headers = pairs({**told.answered, "Content-Encoding": "gzip"})
        entries.append(entry(told, content_in_response=content, headers_in_response=headers))
    assert broken(verdicts(ontap, capture(tmp_path, entries))) == {"getJob/lifecycle/ends": 1}


def test_a_body_of_lone_surrogates_is_a_finding_and_no_crash(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """An answer may hold what no UTF-8 can; it is judged as unreadable."""
    found = verdicts(ontap, capture(tmp_path, [entry(job("queued", 1, body='{"state": "\\ud800"}'))]))
    assert found["getJob/response/200"].findings[0].expected == "a JSON body"


def test_a_redirect_without_its_header_has_the_capture_s_target(tmp_path: pathlib.Path) -> None:
    """`redirectURL` is what Location said; without both the documented header is missing."""
    keycard = load("keycard")
    told = Told("/zones/z1/catalog_tasks/t1", "", 303, answered={})
    found = verdicts(keycard, capture(tmp_path, [entry(told, redirectURL_in_response="/zones/z1/installs/i1")]))
    assert found["getTask/header/303.Location"].outcome is Outcome.KEPT
    found = verdicts(keycard, capture(tmp_path, [entry(told)]))
    assert found["getTask/header/303.Location"].outcome is Outcome.BROKEN


ROCKET = "/api/v1/getImportProgress"
PROGRESS = {
    "key": "csv",
    "name": "CSV",
    "step": "importer_preparing_users",
    "count": {"completed": 0, "total": 3},
    "success": True,
}
REFUSED = {"status": "error", "message": "You must be logged in to do this."}
BROWSER = {"name": "WebInspector", "version": "537.36"}
USER, TOKEN, COOKIE = {"X-User-Id": "somebody"}, {"X-Auth-Token": "some-long-token"}, {"Cookie": "rc_token=some-token"}


@pytest.mark.parametrize(
    ("asked", "status", "body", "expected"),
    [
        ({**USER, **TOKEN}, 200, PROGRESS, {}),
        ({**USER, **TOKEN}, 401, REFUSED, {}),
        ({**USER, **TOKEN}, 403, {"success": False, "error": "no"}, {}),
        (COOKIE, 200, PROGRESS, {}),
        (COOKIE, 401, REFUSED, {}),
        (USER, 401, REFUSED, {}),
        (USER, 200, PROGRESS, {"refuses/no-token": 1, "refuses/status-of-half-a-credential": 1}),
        ({**USER, **COOKIE}, 200, PROGRESS, {}),
        ({}, 401, REFUSED, {"refuses/says-so": 1}),
        ({}, 200, PROGRESS, {f"refuses/{name}": 1 for name in ("no-credential", "says-so", "status")}),
    ],
)
def test_credentials_are_judged_only_where_they_can_be_told(
    asked: dict[str, str], status: int, body: Any, expected: dict[str, int], tmp_path: pathlib.Path
) -> None:
    """No refusal is a false alarm, and a success is one only where certainly no credential, or a part, was sent."""
    told = Told(ROCKET, body, status, asked=asked, at=1)
    shows_cookies = entry(Told("/login", "", asked={"Cookie": "session=1234567890"}))
    found = verdicts(load("rocket_chat"), capture(tmp_path, [shows_cookies, entry(told)], creator=BROWSER))
    assert {name.partition("/")[2]: number for name, number in broken(found).items()} == expected


def test_a_cleaned_capture_does_not_tell_that_no_credential_was_sent(tmp_path: pathlib.Path) -> None:
    """Browsers leave out credentials and cookies by default: without any in it a capture accuses nobody."""
    for asked in ({}, USER):
        path = capture(tmp_path, [entry(Told(ROCKET, PROGRESS, asked=asked))], creator=BROWSER)
        assert broken(verdicts(load("rocket_chat"), path)) == {}


def test_a_client_certificate_may_stand_behind_https(tmp_path: pathlib.Path) -> None:
    """A capture shows no certificate, and so a success over https without a header accuses nobody."""
    told = entry(Told(ROCKET, PROGRESS, asked={}), url_in_request=f"https://chat.example{ROCKET}")
    assert broken(verdicts(load("rocket_chat"), capture(tmp_path, [told]))) == {}


def test_a_target_file_names_what_was_used(tmp_path: pathlib.Path) -> None:
    """With it the wrong credential is known as wrong, and a subject's identifier as that subject's."""
    target = tmp_path / "target.toml"
    target.write_text(
        f'base_url = "{HOST}"\n[credentials.default]\nX-User-Id = "somebody"\nX-Auth-Token = "some-long-token"\n'
        '[credentials.unprivileged]\nX-User-Id = "guest"\nX-Auth-Token = "guest-long-token"\n'
    )
    asked = {"X-User-Id": "guest", "X-Auth-Token": "guest-long-token"}
    path = capture(tmp_path, [entry(Told(ROCKET, PROGRESS, asked=asked))])
    plain, known = (typed("judge", "rocket_chat", path, *more) for more in ([], ["--target", str(target)]))
    assert (plain.exit_code, known.exit_code) == (0, 1)
    assert "x rocket_chat/getImportProgress/refuses/no-permission " in known.stdout
    assert "guest-long-token" not in known.stdout


def test_an_identifier_that_never_was_is_known_everywhere(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """The document's card for what never was serves in a capture as it does at every target."""
    nobody = "00000000-5feb-11e8-b0e0-005056956d00"
    told = job("success", 1, path=f"/api/cluster/jobs/{nobody}")
    assert "getJob/answers/unknown-job" in broken(verdicts(ontap, capture(tmp_path, [entry(told)])))


def test_no_secret_of_a_capture_is_printed_or_written(tmp_path: pathlib.Path) -> None:
    """Credentials, cookies, keys of other schemes and passwords are placeholders, the short ones too."""
    basic = "c29tZWJvZHk6czNjcmV0LXdvcmQ="
    secrets = ["hunter2-hunter2", basic, "s3cret-word", "cookie-value-1", "key-of-another", "pw3"]
    asked = {
        "Authorization": f"Basic {secrets[1]}",
        "Cookie": f"theme=dark; sid={secrets[3]}",
        "X-Api-Key": secrets[4],
        "Content-Type": "application/json",
    }
    started = []
    for password in (secrets[0], secrets[5]):
        body = {"url": "http://server/package", "password": password}
        echo = {"job": {"uuid": f"{password} {secrets[2]} {secrets[3]}", "_links": {}}} if password != "pw3" else {}
        started.append(entry(Told("/api/cluster/software/download", echo, 202, method="POST", sent=body, asked=asked)))
    report = tmp_path / "report"
    words = [f"--report={kind}={report}.{kind}" for kind in ("json", "html", "markdown", "junit", "sarif")]
    said = typed("judge", "netapp_ontap", capture(tmp_path, started), *words)
    assert said.exit_code == 1
    everything = said.output + "".join(path.read_text() for path in tmp_path.glob("report.*"))
    assert [secret for secret in secrets if secret in everything] == []
    assert "<password>" in everything and "<Authorization>" in everything


def test_the_command_reports_as_a_test_does(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """0 for a good capture, 1 for a broken one, with the sentence, the file's line and how to see it again."""
    good = typed("judge", "netapp_ontap", capture(tmp_path, map(entry, runs_again()[:3])))
    assert good.exit_code == 0, good.output
    bad = typed("judge", "netapp_ontap", path := capture(tmp_path, map(entry, runs_again())))
    assert bad.exit_code == 0
    assert "~ netapp_ontap/getJob/lifecycle/ends " in bad.stdout
    assert f"pollspec judge netapp_ontap {path} --only netapp_ontap/getJob/lifecycle/ends" in bad.stdout
    assert "request 4, as default, 1.0 s after request 3" in bad.stdout
    assert "curl -i -X GET -H 'Authorization: Basic <Authorization>' -H 'Accept: application/json'" in bad.stdout
    assert f" {HOST}/api/cluster/jobs/{JOB}\n" in bad.stdout
    assert typed("judge", "netapp_ontap", path, "--strict").exit_code == 1
    assert typed("judge", "netapp_ontap", path, "--strict", "--only", "netapp_ontap/getJob/schema").exit_code == 0
    assert typed("judge", "netapp_ontap", path, "--require", "source").exit_code == 1


def test_a_capture_is_read_from_standard_input(tmp_path: pathlib.Path) -> None:
    """`-` stands for it."""
    text = pathlib.Path(capture(tmp_path, map(entry, runs_again()))).read_text()
    said = CliRunner().invoke(main, ["judge", "netapp_ontap", "-"], input="\ufeff" + text)
    assert said.stdout.startswith("-: 4 requests of netapp_ontap, 0 others\n")


def test_what_is_none_of_the_vendor_s_is_a_clear_error(tmp_path: pathlib.Path) -> None:
    """What was given, what was expected and what to do next; exit code 2."""
    said = typed("judge", "netapp_ontap", capture(tmp_path, []))
    assert said.exit_code == 2
    assert "none of its 0 requests is one of netapp_ontap's: GET .../api/cluster/" in said.stderr
    assert "\n  hint: " in said.stderr


def test_bad_entries_are_counted_in_the_report(tmp_path: pathlib.Path) -> None:
    """The rest is judged; where nothing is left to be judged, the reason is the error."""
    bad = [entry(job("running", 1.5), url_in_request=5), entry(job("running", 1.6), response="x")]
    why = ["request.url is a whole number, expected a text", "response is a text, expected an object"]
    said = typed("judge", "netapp_ontap", capture(tmp_path, [*map(entry, runs_again()), *bad]))
    assert f"0 others; 2 of 6 entries could not be read: entry 5: {why[0]}; entry 6: {why[1]}\n" in said.stdout
    said = typed("judge", "netapp_ontap", capture(tmp_path, bad))
    assert said.exit_code == 2
    assert f"2 of 2 entries could not be read: entry 1: {why[0]}; entry 2: {why[1]}\n" in said.stderr


def test_a_missing_file_is_a_clear_error() -> None:
    """As any other bad input."""
    said = typed("judge", "netapp_ontap", "nowhere.har")
    assert (said.exit_code, said.stderr.splitlines()[0]) == (
        2,
        "pollspec: nowhere.har cannot be read: No such file or directory",
    )


def test_times_are_absolute(ontap: Vendor, tmp_path: pathlib.Path) -> None:
    """A time without an offset is taken as UTC, one with an offset as what it says."""
    entries = [entry(told, startedDateTime=told.moment.replace(tzinfo=None).isoformat()) for told in runs_again()[:2]]
    exchanges = judged(ontap, capture(tmp_path, entries))
    assert [exchange.start for exchange in exchanges] == [DAWN.timestamp() + 1, DAWN.timestamp() + 2]
