"""Captures written as others write them, from the same few requests."""

from __future__ import annotations

import base64
import json
import pathlib
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import harfile

from pollspec.document.messages import Answer
from pollspec.judge.exchange import Exchange

DAWN = datetime(2026, 11, 22, 6, 0, 0, 250_000, tzinfo=UTC)
HOST = "http://console.example"


@dataclass(frozen=True)
class Told:
    """One request and its answer. `at`, `took`: seconds."""

    path: str
    body: Any
    status: int = 200
    at: float = 0.0
    took: float = 0.02
    method: str = "GET"
    sent: Any = None
    asked: dict[str, str] = field(default_factory=lambda: {"Accept": "application/json"})
    answered: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    @property
    def text(self) -> str:
        """The answer's body."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)

    @property
    def sent_text(self) -> str | None:
        """The request's body."""
        return None if self.sent is None else json.dumps(self.sent)

    @property
    def moment(self) -> datetime:
        """When it began."""
        return DAWN + timedelta(seconds=self.at)


def pairs(headers: dict[str, str]) -> list[dict[str, str]]:
    """Headers as HAR lists them."""
    return [{"name": name, "value": value} for name, value in headers.items()]


def entry(told: Told, **changes: Any) -> dict[str, Any]:
    """A plain entry; `changes` take the place of what stands at the top, in `request` or in `response`."""
    made: dict[str, Any] = {
        "startedDateTime": told.moment.isoformat(timespec="microseconds"),
        "time": told.took * 1000,
        "request": {
            "method": told.method,
            "url": HOST + told.path,
            "httpVersion": "HTTP/1.1",
            "headers": pairs(told.asked),
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(told.sent_text or ""),
        },
        "response": {
            "status": told.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": pairs(told.answered),
            "cookies": [],
            "content": {"size": len(told.text), "mimeType": "application/json", "text": told.text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": told.took * 1000, "receive": 0},
    }
    if told.sent_text is not None:
        made["request"]["postData"] = {"mimeType": "application/json", "text": told.sent_text}
    for name, value in changes.items():
        place, _, inner = name.partition("_in_")
        (made[inner] if inner else made)[place] = value
    return made


def capture(folder: pathlib.Path, entries: Iterable[Any], **log: Any) -> str:
    """A file of these entries."""
    path = folder / "capture.har"
    whole = {"version": "1.2", "creator": {"name": "mitmproxy", "version": "1"}, "entries": list(entries), **log}
    path.write_text(json.dumps({"log": whole}), encoding="utf-8")
    return str(path)


def json_lines(folder: pathlib.Path, entries: Iterable[Any]) -> str:
    """A file with one of these entries a line."""
    path = folder / "capture.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in entries), encoding="utf-8")
    return str(path)


def with_more(made: Any) -> Any:
    """An entry with members that no one knows, at every level and of every kind."""
    if isinstance(made, list):
        return [with_more(one) for one in made]
    if not isinstance(made, dict):
        return made
    more = {"_number": 1.5, "_list": [{"status": "?", "request": []}], "_text": '"entries": [', "_null": None}
    return {**more, **{name: with_more(value) for name, value in made.items()}}


def with_nulls(made: Any) -> Any:
    """An entry with null for each member that HAR does not ask for, and for those that say nothing."""
    response = {**made["response"], "redirectURL": None, "headersSize": None, "bodySize": None, "cookies": None}
    response["content"] = {"encoding": None, "comment": None, "compression": None, **response["content"]}
    request = {"postData": None, "queryString": None, "comment": None, **made["request"], "cookies": None}
    rest = dict.fromkeys(["pageref", "connection", "serverIPAddress", "comment", "_error", "_fromCache"])
    return {**rest, **made, "request": request, "response": response, "timings": None, "cache": None}


def chrome(told: Sequence[Told]) -> list[Any]:
    """As Chrome's network panel exports: times cut to milliseconds, HTTP/2 with pseudo headers, extras in `_`."""
    made = []
    for one in told:
        parts = urllib.parse.urlsplit(HOST + one.path)
        pseudo = {":authority": parts.netloc, ":method": one.method, ":path": one.path, ":scheme": "http"}
        content = {"size": len(one.text), "mimeType": "application/json", "compression": -9, "text": one.text}
        made.append(
            entry(
                one,
                startedDateTime=one.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                _initiator={"type": "script"},
                _priority="High",
                _resourceType="fetch",
                connection="43",
                pageref="page_1",
                headers_in_request=pairs({**pseudo, **{name.lower(): value for name, value in one.asked.items()}}),
                httpVersion_in_request="http/2.0",
                content_in_response=content,
                _transferSize_in_response=300,
                _error_in_response=None,
                timings={"blocked": 2.1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 15, "receive": 2},
            )
        )
    return made


def firefox(told: Sequence[Told]) -> list[Any]:
    """As Firefox exports: the local time with its offset, whole milliseconds, a bare text body for requests."""
    made = []
    for one in told:
        local = (one.moment + timedelta(hours=2)).replace(tzinfo=None).isoformat(timespec="milliseconds")
        made.append(
            entry(
                one,
                startedDateTime=f"{local}+02:00",
                time=round(one.took * 1000),
                pageref="page_1",
                serverIPAddress="127.0.0.1",
                connection="80",
                _securityState="insecure",
                httpVersion_in_request="HTTP/2",
                bodySize_in_response=len(one.text) + 120,
                cache={"afterRequest": None},
                timings={"blocked": 0, "dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": 20, "receive": 0},
            )
        )
    return made


def mitmproxy(told: Sequence[Told]) -> list[Any]:
    """As mitmproxy saves: microseconds, -1.0 for what was no part of a request, base64 for what looks binary."""
    made = []
    for one in told:
        text = base64.b64encode(one.text.encode()).decode()
        content = {"size": len(one.text), "compression": 0, "mimeType": "application/json", "text": text}
        made.append(
            entry(
                one,
                startedDateTime=one.moment.isoformat(),
                content_in_response={**content, "encoding": "base64"},
                bodySize_in_response=len(one.text),
                timings={"connect": -1.0, "ssl": -1.0, "send": 1.2, "receive": 3.1, "wait": 15.4},
            )
        )
    return made


def schemathesis(told: Sequence[Told], path: pathlib.Path, preserve_bytes: bool) -> str:
    """As schemathesis writes with harfile; base64 for both bodies, of which only the answer's says so."""
    with harfile.open(path) as written:
        for one in told:
            plain = one.sent_text
            encoded = plain if plain is None or not preserve_bytes else base64.b64encode(plain.encode()).decode()
            text = base64.b64encode(one.text.encode()).decode() if preserve_bytes else one.text
            written.add_entry(
                startedDateTime=one.moment.isoformat(),
                time=round(one.took * 1000, 2),
                request=harfile.Request(
                    method=one.method,
                    url=HOST + one.path,
                    httpVersion="HTTP/1.1",
                    headers=[harfile.Record(name=name, value=value) for name, value in one.asked.items()],
                    bodySize=len(plain or ""),
                    postData=None if encoded is None else harfile.PostData(mimeType="application/json", text=encoded),
                ),
                response=harfile.Response(
                    status=one.status,
                    statusText="OK",
                    httpVersion="HTTP/1.1",
                    headers=[harfile.Record(name=name, value=value) for name, value in one.answered.items()],
                    content=harfile.Content(
                        size=len(one.text),
                        mimeType="application/json",
                        text=text,
                        encoding="base64" if preserve_bytes else None,
                    ),
                    bodySize=len(one.text),
                ),
                timings=harfile.Timings(send=0, wait=0, receive=one.took * 1000, blocked=0, dns=0, connect=0, ssl=0),
            )
    return str(path)


def of_exchanges(exchanges: Sequence[Exchange], base_path: str) -> list[Any]:
    """The exchanges of a run as entries. A millisecond lies between two of them, as between real ones."""
    made = []
    for number, exchange in enumerate(exchanges):
        answer = exchange.answer or Answer(0)
        told = Told(
            path=base_path + exchange.request.target,
            body=answer.content.decode(),
            status=answer.status,
            at=exchange.start + number * 0.001,
            took=exchange.end - exchange.start,
            method=exchange.request.method,
        )
        text = exchange.request.content.decode()
        made.append(
            entry(
                told,
                headers_in_request=[{"name": n, "value": v} for n, v in exchange.request.headers],
                headers_in_response=[{"name": n, "value": v} for n, v in answer.headers],
                bodySize_in_request=len(text),
                **({"postData_in_request": {"mimeType": "application/json", "text": text}} if text else {}),
            )
        )
    return made
