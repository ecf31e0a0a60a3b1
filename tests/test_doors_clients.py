"""What goes through httpx or requests in a client's own tests is judged, and reaches the client unchanged."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests

from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.doors.clients import JudgingAdapter, JudgingTransport, Recorder, recording
from pollspec.errors import DocumentError
from pollspec.judge.verdict import Outcome
from pollspec.servers.faults import Impolite, find
from pollspec.servers.polite import Mock
from pollspec.trial.wire.transports import Application
from tests.recordings import RememberingRecorder, remembering
from tests.serving import PATIENCE, head, scripted, served

JOB = "/api/cluster/jobs/00000000-5feb-11e8-b0e0-005056956d01"
DOWNLOAD = "/api/cluster/software/download"
SIGNED = {"Authorization": "Basic YWRtaW46cG9sbHNwZWMtdGVzdC1jYXJk"}
ANSWER = {"state": "running", "message": "Package download in progress", "code": 7}

Client = Callable[[Recorder, str, int], list[Any]]


def with_httpx(seen: Recorder, url: str, polls: int) -> list[Any]:
    """A client's poll loop on httpx."""
    with httpx.Client(base_url=url, headers=SIGNED, transport=JudgingTransport(seen), timeout=PATIENCE) as client:
        return [client.get(JOB).json()["state"] for _ in range(polls)]


def with_async_httpx(seen: Recorder, url: str, polls: int) -> list[Any]:
    """A client's poll loop on asynchronous httpx."""

    async def loop() -> list[Any]:
        transport = JudgingTransport(seen)
        async with httpx.AsyncClient(base_url=url, headers=SIGNED, transport=transport, timeout=PATIENCE) as client:
            return [(await client.get(JOB)).json()["state"] for _ in range(polls)]

    return asyncio.run(loop())


def with_requests(seen: Recorder, url: str, polls: int) -> list[Any]:
    """A client's poll loop on requests."""
    with requests.Session() as session:
        session.mount(url, JudgingAdapter(seen))
        return [session.get(url + JOB, headers=SIGNED, timeout=PATIENCE).json()["state"] for _ in range(polls)]


CLIENTS = [with_httpx, with_async_httpx, with_requests]


@pytest.fixture(scope="module")
def ontap() -> Vendor:
    return load("netapp_ontap")


def impolite(vendor: Vendor, fault: str) -> Application:
    """A server with one thing wrong."""
    return Impolite(Mock(vendor, polls=4), vendor, find(vendor, fault))


@pytest.mark.parametrize("client", CLIENTS)
def test_a_good_server_passes_the_check(ontap: Vendor, client: Client) -> None:
    """The client sees every state, and each belief about a job's polls is kept."""
    with served(Mock(ontap, polls=4)) as url, remembering("netapp_ontap") as seen:
        assert client(seen, url, 5) == ["queued", "running", "paused", "running", "success"]
    assert [exchange.answer and exchange.answer.status for exchange in seen.exchanges] == [200] * 5
    outcomes = {verdict.outcome for name, verdict in seen.verdicts().items() if "/getJob/schema/" in name}
    assert outcomes == {Outcome.KEPT}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_bad_server_fails_the_check_as_printed(ontap: Vendor, client: Client) -> None:
    """The error has the finding with its claim, its sentence and its exchange, and no secret."""

    def run() -> None:
        with (
            served(impolite(ontap, "drops-the-field:getJob/schema/Job.message")) as url,
            recording("netapp_ontap") as seen,
        ):
            urls.append(url)
            assert client(seen, url, 2) == ["queued", "running"]

    urls: list[str] = []
    with pytest.raises(AssertionError) as failed:
        run()
    text = str(failed.value)
    assert text.startswith("2 requests of netapp_ontap, 0 others\nx netapp_ontap/getJob/schema/Job.message ")
    assert "    expected   message (required)" in text
    assert f"    request    GET {urls[0]}{JOB}" in text
    assert "YWRtaW46cG9sbHNwZWMtdGVzdC1jYXJk" not in text


def test_a_deviation_fails_a_strict_check_only(ontap: Vendor) -> None:
    """As with `pollspec test --strict`."""
    with served(impolite(ontap, "crashes:getDownload/status/no-crash")) as url, recording("netapp_ontap") as seen:
        with httpx.Client(base_url=url, headers=SIGNED, transport=JudgingTransport(seen)) as client:
            assert [client.get(DOWNLOAD).status_code for _ in range(3)] == [200, 200, 500]
        with pytest.raises(AssertionError, match="~ netapp_ontap/getDownload/status/no-crash"):
            seen.check(strict=True)
        seen.check()


def test_nothing_judged_is_no_success() -> None:
    """A check on no request, or on another's only, fails: a test must not be green by silence."""
    with pytest.raises(AssertionError, match="0 requests of netapp_ontap, 0 others"), recording("netapp_ontap"):
        pass
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
    with pytest.raises(AssertionError, match="0 requests of netapp_ontap, 1 others"), recording("netapp_ontap") as seen:
        httpx.Client(transport=JudgingTransport(seen, answer)).get("http://host/elsewhere")


def test_an_error_of_the_test_s_own_comes_first() -> None:
    """What fails inside the block is what the test reports."""
    with pytest.raises(ZeroDivisionError), recording("netapp_ontap"):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("fault", "told"), [("drops-the-field:getJob/schema/Job.message", "getJob/schema/Job.message"), (None, "")]
)
def test_an_error_of_the_client_s_tells_what_was_broken(ontap: Vendor, fault: str | None, told: str) -> None:
    """What is broken in the answers is a note of what the client raised, because it may be the reason; else no note."""
    application = impolite(ontap, fault) if fault else Mock(ontap, polls=4)

    def run() -> None:
        with served(application) as url, recording("netapp_ontap") as seen:
            with_httpx(seen, url, 2)
            raise KeyError("message")

    with pytest.raises(KeyError) as raised:
        run()
    notes = getattr(raised.value, "__notes__", [])
    assert len(notes) == bool(fault) and told in "".join(notes)
    assert "YWRtaW46cG9sbHNwZWMtdGVzdC1jYXJk" not in "".join(notes)


def test_a_wrong_name_is_a_clear_error() -> None:
    """As on the command line."""
    with pytest.raises(DocumentError, match="no vendor is called 'netap_ontap'"), recording("netap_ontap"):
        pass


def test_an_answer_made_in_the_process_is_judged(ontap: Vendor) -> None:
    """httpx's own mock transport and an application without a socket are transports as any other."""

    async def ask(seen: Recorder) -> int:
        transport = JudgingTransport(seen, httpx.ASGITransport(app=Mock(ontap)))
        async with httpx.AsyncClient(base_url="http://host", headers=SIGNED, transport=transport) as client:
            return (await client.get(JOB)).status_code

    with remembering("netapp_ontap") as seen:
        assert asyncio.run(ask(seen)) == 200
        mocked = httpx.MockTransport(lambda request: httpx.Response(200, json=ANSWER))
        assert httpx.Client(transport=JudgingTransport(seen, mocked)).get(f"http://host{DOWNLOAD}").json() == ANSWER
    assert [e.answer and e.answer.reading.value["state"] for e in seen.exchanges] == ["queued", "running"]


def test_a_stream_passes_as_it_is_read() -> None:
    """Nothing is read ahead: each part is asked of the server when the client asks for it."""
    parts = [b'{"state": ', b'"running"}']
    asked: list[int] = []

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for number, part in enumerate(parts):
                asked.append(number)
                yield part

    answer = httpx.MockTransport(lambda request: httpx.Response(200, stream=Body()))
    seen = RememberingRecorder(load("netapp_ontap"))
    client = httpx.Client(transport=JudgingTransport(seen, answer))
    with client.stream("GET", f"http://host{DOWNLOAD}") as response:
        stream = response.iter_raw()
        assert (next(stream), asked) == (parts[0], [0])
        assert (list(stream), asked) == ([parts[1]], [0, 1])
    assert [exchange.answer and exchange.answer.content for exchange in seen.exchanges] == [b"".join(parts)]


@pytest.mark.parametrize("reads", [with_httpx, with_requests])
def test_an_answer_that_is_left_unread_is_not_judged(ontap: Vendor, reads: Client) -> None:
    """Nobody knows what it would have said; it is no gap either."""
    seen = RememberingRecorder(ontap)
    with served(Mock(ontap)) as url:
        if reads is with_requests:
            session = requests.Session()
            session.mount(url, JudgingAdapter(seen))
            session.get(f"{url}{JOB}", headers=SIGNED, stream=True, timeout=PATIENCE).close()
        else:
            client = httpx.Client(transport=JudgingTransport(seen), headers=SIGNED, timeout=PATIENCE)
            with client.stream("GET", f"{url}{JOB}"):
                pass
    assert [(e.answer, e.trouble, e.credential) for e in seen.exchanges] == [
        (None, "the client did not read the whole answer", "unknown")
    ]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_lost_answer_is_the_client_s_error_and_a_gap(ontap: Vendor, client: Client) -> None:
    """The client sees its own library's error; nothing is compared across it."""
    seen = RememberingRecorder(ontap)

    def script(connection: Any) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")

    with scripted(script) as url, pytest.raises((httpx.TransportError, requests.RequestException)):
        client(seen, url, 1)
    (exchange,) = seen.exchanges
    assert (exchange.answer, exchange.credential) == (None, "default")
    assert exchange.trouble.startswith("no whole answer (")


def coded(body: bytes) -> Callable[[Any], None]:
    """A script that answers with a body that is said to be gzip."""

    def script(connection: Any) -> None:
        head(connection)
        length = str(len(body)).encode()
        named = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n"
        connection.sendall(named + b"content-length: " + length + b"\r\n\r\n" + body)

    return script


@pytest.mark.parametrize("client", CLIENTS)
def test_a_packed_answer_is_judged_unpacked(ontap: Vendor, client: Client) -> None:
    """The client unpacks it as ever, and the judge sees what it said."""
    seen = RememberingRecorder(ontap)
    with scripted(coded(gzip.compress(json.dumps(ANSWER).encode()))) as url:
        assert client(seen, url, 1) == ["running"]
    assert [exchange.answer and exchange.answer.reading.value for exchange in seen.exchanges] == [ANSWER]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_whose_coding_is_broken_is_a_finding(ontap: Vendor, client: Client) -> None:
    """The client fails as it would without us; the belief on readable bodies is broken."""
    seen = RememberingRecorder(ontap)
    with scripted(coded(b"no gzip at all")) as url, pytest.raises((httpx.DecodingError, requests.RequestException)):
        client(seen, url, 1)
    finding = seen.verdicts()["netapp_ontap/getJob/response/200"].findings[0]
    assert finding.expected == "a JSON body"
    assert "broken" in finding.actual


def test_request_bodies_are_seen_however_they_are_sent(ontap: Vendor) -> None:
    """JSON, bytes and a generator; a file that requests reads by itself is not, and then nothing is judged on it."""
    body = {"url": "http://server/package", "password": "swordfish-swordfish"}
    raw = json.dumps(body).encode()
    headers = {**SIGNED, "Content-Type": "application/json"}
    seen = RememberingRecorder(ontap)
    with served(Mock(ontap)) as url:
        with httpx.Client(transport=JudgingTransport(seen), headers=headers, timeout=PATIENCE) as client:
            assert client.post(f"{url}{DOWNLOAD}", json=body).status_code == 202
            assert client.post(f"{url}{DOWNLOAD}", content=iter([raw[:9], raw[9:]])).status_code == 202
        session = requests.Session()
        session.mount(url, JudgingAdapter(seen))
        for data in (raw, raw.decode(), iter([raw])):
            answer = session.post(f"{url}{DOWNLOAD}", data=data, headers=headers, timeout=PATIENCE)
            assert answer.status_code == 202
    assert [exchange.request.body == body for exchange in seen.exchanges] == [True] * 4 + [False]
    assert [exchange.trouble for exchange in seen.exchanges] == [""] * 4 + ["the request's body was not seen"]
    assert not [verdict.belief.id for verdict in seen.verdicts().values() if verdict.findings]


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_redirects_are_seen_one_by_one(library: str) -> None:
    """A redirect that the client follows is judged as the answer it is; where it leads is another's."""
    keycard = load("keycard")
    given = keycard.subjects["finished"].given
    path = f"/zones/{given['$request.path.zone_id']}/catalog_tasks/{given['$request.path.task_id']}"
    with served(Mock(keycard, polls=1)) as url, remembering("keycard") as seen:
        for _ in range(2):
            if library == "httpx":
                transport = JudgingTransport(seen)
                httpx.Client(transport=transport, follow_redirects=True, timeout=PATIENCE).get(url + path)
            else:
                session = requests.Session()
                session.mount(url, JudgingAdapter(seen))
                session.get(url + path, timeout=PATIENCE)
    assert [exchange.answer and exchange.answer.status for exchange in seen.exchanges] == [200, 303]
    assert seen.others == 1


def test_threads_share_a_recording(ontap: Vendor) -> None:
    """Each exchange is kept once, under a number of its own."""
    with served(Mock(ontap, polls=50)) as url, remembering("netapp_ontap") as seen, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: len(with_requests(seen, url, 2)) == 2, range(10)))
    assert sorted(exchange.number for exchange in seen.exchanges) == list(range(20))


def test_an_adapter_may_wrap_another(ontap: Vendor) -> None:
    """The one underneath sends, and is closed with it."""
    closed = []

    class Other(requests.adapters.HTTPAdapter):
        def close(self) -> None:
            closed.append(True)
            super().close()

    with served(Mock(ontap)) as url, remembering("netapp_ontap") as seen, requests.Session() as session:
        session.mount(url, JudgingAdapter(seen, Other()))
        assert session.get(url + JOB, headers=SIGNED, timeout=PATIENCE).json()["state"] == "queued"
    assert (len(seen.exchanges), closed) == (1, [True])
