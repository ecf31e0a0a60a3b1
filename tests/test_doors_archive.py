"""Files of recorded traffic are read as people send them, and what cannot be read is named and counted."""

from __future__ import annotations

import base64
import gzip
import json
import os
import pathlib
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pollspec.cli import main
from pollspec.doors.captures.archive import Archive, entries
from pollspec.doors.recording import Passage
from pollspec.errors import CaptureError
from tests.captures import DAWN, Told, capture, entry, json_lines, pairs, with_more, with_nulls

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SIGNED = {"Authorization": "Basic c29tZWJvZHk6c29tZS1wYXNzd29yZA=="}
POLL = Told("/api/cluster/jobs/1", {"state": "queued"}, at=1)
POLLS = [replace(POLL, at=float(at)) for at in range(1, 4)]


def read(path: str) -> tuple[list[Passage], str]:
    """The passages of an archive, and what of it could not be read."""
    archive = entries(path)
    passages = [passage for one in archive if (passage := one.passage())]
    return passages, archive.unread


def said(passage: Passage) -> tuple[Any, ...]:
    """All that a passage says, but for `told`."""
    answer = passage.answer and (passage.answer.status, passage.answer.headers, passage.answer.content)
    asked = passage.method, passage.url, passage.headers, passage.content
    return *asked, answer, passage.start, passage.end, passage.trouble, passage.unseen


def written(folder: pathlib.Path, content: str | bytes) -> str:
    """A file of this content; its name tells nothing."""
    path = folder / "archive"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def har(made: Iterable[Any], **more: Any) -> str:
    """The text of a HAR."""
    return json.dumps({"log": {"version": "1.2", "entries": list(made), **more}})


TOLD = st.lists(
    st.builds(
        Told,
        path=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=9).map("/".__add__),
        body=st.one_of(
            st.text(), st.dictionaries(st.text(max_size=9), st.integers() | st.text() | st.none(), max_size=4)
        ),
        status=st.sampled_from([0, 200, 202, 204, 303, 400, 404, 429, 503]),
        took=st.sampled_from([0.0, 0.02, 3.5]),
        method=st.sampled_from(["GET", "POST", "HEAD"]),
        sent=st.none() | st.dictionaries(st.text(), st.text(), max_size=3),
        asked=st.sampled_from([{}, {"Accept": "a/b, c"}, SIGNED]),
    ),
    min_size=1,
    max_size=6,
).map(lambda several: [replace(told, at=number * 0.75) for number, told in enumerate(several)])


@given(told=TOLD, data=st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_archive_says_the_same_however_it_is_written(told: list[Told], data: st.DataObject, tmp_path: Any) -> None:
    """As HAR, as JSON Lines, shuffled, with members that are not known, with null for those that may be missing."""
    made = [entry(one) for one in told]
    passages, unread = read(capture(tmp_path, made))
    assert unread == ""
    assert [passage.start for passage in passages] == [one.moment.timestamp() for one in told]
    assert [passage.url.partition("example")[2] for passage in passages] == [one.path for one in told]
    shuffled = data.draw(st.permutations(made))
    more, nulls = [with_more(one) for one in made], [with_nulls(one) for one in made]
    files = [capture(tmp_path / name, several) for name, several in folders(tmp_path, [shuffled, more, nulls])]
    files += [json_lines(tmp_path / name, several) for name, several in folders(tmp_path, [made, more, nulls])]
    for path in files:
        again, unread = read(path)
        assert unread == ""
        assert [said(passage) for passage in again] == [said(passage) for passage in passages], path
        assert all(before.complete or not after.complete for before, after in zip(passages, again, strict=True))


def folders(folder: pathlib.Path, several: list[Any]) -> Iterable[tuple[str, Any]]:
    """A folder for each of several archives."""
    for number, one in enumerate(several):
        (folder / str(number)).mkdir(exist_ok=True)
        yield str(number), one


def test_what_is_read_is_what_was_written(tmp_path: pathlib.Path) -> None:
    """Method, URL, headers, both bodies, the answer, and the times: the end later by as much as may be cut off."""
    told = Told("/x?a=b", {"é": 1}, 202, at=1, took=0.5, method="POST", sent={"n": 1}, asked={"A": "1", "B": "2"})
    [passage], _ = read(capture(tmp_path, [entry(told)]))
    answer = 202, (("Content-Type", "application/json"),), told.text.encode()
    start = DAWN.timestamp() + 1
    asked = "POST", "http://console.example/x?a=b", (("A", "1"), ("B", "2")), b'{"n": 1}'
    assert said(passage) == (*asked, answer, start, pytest.approx(start + 0.5 + 1e-6, abs=1e-7), "", False)


CRLF = json.dumps({"log": {"entries": [entry(one) for one in POLLS]}}, indent=2).replace("\n", "\r\n")
GOOD: dict[str, bytes] = {
    "a plain HAR": har(map(entry, POLLS)).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + har(map(entry, POLLS)).encode(),
    "line ends of DOS": CRLF.encode(),
    "packed with gzip": gzip.compress(har(map(entry, POLLS)).encode()),
    "an entry a line": ('{"log": {"entries": [\n' + ",\n".join(json.dumps(entry(p)) for p in POLLS) + "\n]}}").encode(),
    "the writer at the end": har(map(entry, POLLS), creator={"name": "somebody"}).encode(),
    "JSON Lines": "\n".join(json.dumps(entry(one)) for one in POLLS).encode(),
    "JSON Lines with all that": b"\xef\xbb\xbf" + "\r\n\r\n".join(json.dumps(entry(one)) for one in POLLS).encode(),
    "packed with zstd": zstd.compress(har(map(entry, POLLS)).encode()),
    "JSON Lines packed with zstd": zstd.compress("".join(f"{json.dumps(entry(one))}\n" for one in POLLS).encode()),
    "JSON Lines packed with gzip": gzip.compress("".join(f"{json.dumps(entry(one))}\n" for one in POLLS).encode()),
}


@pytest.mark.parametrize("form", GOOD)
def test_a_file_is_read_as_people_send_it(form: str, tmp_path: pathlib.Path) -> None:
    """Its content tells what it is, not its name."""
    passages, unread = read(written(tmp_path, GOOD[form]))
    assert [passage.start - DAWN.timestamp() for passage in passages] == [1, 2, 3]
    assert unread == ""


@pytest.mark.parametrize("form", [form for form in GOOD if "packed" not in form])
def test_standard_input_is_read_as_a_file_is(form: str) -> None:
    """`-` stands for it; it need not be mapped, and may be JSON Lines."""
    told = CliRunner().invoke(main, ["judge", "netapp_ontap", "-"], input=GOOD[form])
    assert told.stdout.startswith("-: 3 requests of netapp_ontap, 0 others\n")


MOMENTS = {
    "2026-11-22T06:00:00Z": (0.0, 1.0),
    "2026-11-22t06:00:00z": (0.0, 1.0),
    "2026-11-22 06:00:00": (0.0, 1.0),
    "2026-11-22T11:30:00+0530": (0.0, 1.0),
    "2026-11-22T11:30:00.250+05:30": (0.25, 1e-3),
    "2026-11-22T06:00:00,5Z": (0.5, 0.1),
    "2026-11-22T06:00:00.1234567Z": (0.123456, 1e-6),
    "2026-11-22T05:59:60Z": (0.0, 1.0),
    "2026-11-22T05:59:60.5Z": (0.5, 0.1),
    "2026-11-22T03:29:60-0230": (0.0, 1.0),
}


@pytest.mark.parametrize("text", MOMENTS)
def test_times_are_read_as_writers_write_them(text: str, tmp_path: pathlib.Path) -> None:
    """Offsets, commas, leap seconds; without an offset it is UTC. Digits that are lacking make the end later."""
    [passage], _ = read(capture(tmp_path, [entry(POLL, startedDateTime=text, time=0)]))
    seconds, cut = MOMENTS[text]
    assert round(passage.start - DAWN.replace(microsecond=0).timestamp(), 6) == seconds
    assert round(passage.end - passage.start, 6) == cut


BAD_ENTRIES: list[tuple[dict[str, Any], str]] = [
    ({"request": None}, "request is null, expected an object"),
    ({"request": {"url": "http://x/"}}, "request.method is missing"),
    ({"url_in_request": 5}, "request.url is a whole number, expected a text"),
    ({"url_in_request": "http://[::1/"}, "request.url is no URL"),
    ({"url_in_request": "http://x:port/"}, "request.url is no URL"),
    ({"url_in_request": "http://exa\u2100mple/"}, "request.url is no URL"),
    ({"url_in_request": "http://x/\ud800"}, "half of a surrogate pair, which is no character"),
    ({"method_in_request": ["GET"]}, "request.method is a list, expected a text"),
    ({"headers_in_request": {"Accept": "x"}}, "request.headers is an object, expected a list"),
    ({"headers_in_request": ["Accept"]}, "request.headers[0] is a text, expected an object"),
    ({"headers_in_request": [{"name": 7, "value": "x"}]}, "request.headers[0].name is a whole number, expected a text"),
    ({"headers_in_request": [{"value": "x"}]}, "request.headers[0].name is missing"),
    ({"postData_in_request": "x"}, "request.postData is a text, expected an object"),
    ({"postData_in_request": {"params": [{"name": None}]}}, "request.postData.params[0].name is null, expected a text"),
    ({"response": "x"}, "response is a text, expected an object"),
    ({"status_in_response": "ok"}, "response.status is a text, expected a whole number"),
    ({"status_in_response": 200.5}, "response.status is a number, expected a whole number"),
    ({"content_in_response": []}, "response.content is a list, expected an object"),
    ({"content_in_response": {"text": 5}}, "response.content.text is a whole number, expected a text"),
    ({"content_in_response": {"text": "\ud83d"}}, "half of a surrogate pair, which is no character"),
    ({"content_in_response": {"text": "?", "encoding": "base64"}}, "a body is marked as base64 and is none"),
    ({"time": 10**400}, "time: number out of range"),
    ({"time": [1]}, "time is a list, expected a number"),
    ({"time": float("nan")}, "no JSON: invalid character"),
    ({"cache": float("inf")}, "no JSON: invalid character"),
    ({"cache": "\ud83d..."}, "half of a surrogate pair, which is no character"),
    ({"startedDateTime": None}, "startedDateTime is missing"),
    ({"startedDateTime": 5}, "startedDateTime is a whole number, expected a text"),
    ({"startedDateTime": "yesterday"}, "startedDateTime is no date-time, expected one like 2026-11-22T06:00:00.250Z"),
    ({"startedDateTime": "2026-11-22"}, "startedDateTime is no date-time, expected one like"),
    ({"startedDateTime": "2026-11-22T06:00"}, "startedDateTime is no date-time, expected one like"),
    ({"startedDateTime": "2026-13-22T06:00:00Z"}, "startedDateTime is no date-time, expected one like"),
]


@pytest.mark.parametrize("write", [capture, json_lines])
@pytest.mark.parametrize(("change", "expected"), BAD_ENTRIES)
def test_a_bad_entry_is_skipped_and_counted(
    change: Any, expected: str, write: Callable[[pathlib.Path, Any], str], tmp_path: pathlib.Path
) -> None:
    """The others are read; what is said of it holds no value of it."""
    made = [entry(POLLS[0]), entry(POLLS[1], **change), entry(POLLS[2])]
    passages, unread = read(write(tmp_path, made))
    assert len(passages) == 2
    what = "entry" if write is capture else "line"
    assert unread.startswith(f"1 of 3 entries could not be read: {what} 2: {expected}")


ODD_ENTRIES: list[dict[str, Any]] = [
    {"_custom": "\x00\x1b"},
    {"cache": 5, "connection": {}, "pageref": [], "timings": "?", "comment": 1, "cookies_in_request": 7},
    {"queryString_in_request": "?", "httpVersion_in_request": 2, "statusText_in_response": None},
    {"status_in_response": "200", "time": "20"},
    {"time": -1, "timings": {"wait": 10**300, "send": -1, "receive": True, "ssl": None}},
    {"startedDateTime": "9999-12-31T23:59:60-23:59"},
    {"startedDateTime": "0001-01-01T00:00:00+23:59"},
    {"headers_in_response": [{"name": "Content-Length", "value": 5}, {"name": "X", "value": True}]},
    {"headers_in_response": [{"name": "X", "value": None}, {"name": "Y"}]},
]


@pytest.mark.parametrize("change", ODD_ENTRIES)
def test_an_odd_entry_is_read(change: Any, tmp_path: pathlib.Path) -> None:
    """What is not needed may be anything; a number may stand in quotes, and a header's value may be one."""
    passages, unread = read(capture(tmp_path, [entry(POLLS[0]), entry(POLLS[1], **change), entry(POLLS[2])]))
    assert (len(passages), unread) == (3, "")


def test_three_reasons_are_told_at_most(tmp_path: pathlib.Path) -> None:
    """A large archive may hold many bad entries, each with the same reason."""
    _, unread = read(capture(tmp_path, [entry(POLL, response="x")] * 5))
    reasons = "; ".join(f"entry {number}: response is a text, expected an object" for number in (1, 2, 3))
    assert unread == f"5 of 5 entries could not be read: {reasons}; 2 more"


def test_no_value_of_an_entry_stands_in_a_reason(tmp_path: pathlib.Path) -> None:
    """What is of the wrong type, or no URL, may hold a secret."""
    changes: list[dict[str, Any]] = [
        {"headers_in_request": [{"name": "Authorization", "value": ["s3cret"]}]},
        {"url_in_request": "http://[s3cret/?token=s3cret"},
        {"startedDateTime": "s3cret"},
    ]
    for change in changes:
        _, unread = read(capture(tmp_path, [entry(POLL, **change)]))
        assert unread and "s3cret" not in unread


DEEP = "[" * 5_000 + "]" * 5_000
WHOLE: dict[str, tuple[str | bytes, str, str]] = {
    "nothing": ("", "is empty", "give a HAR 1.2, "),
    "blanks": (" \r\n ", "is empty", "give a HAR 1.2, "),
    "a zip archive": (b"PK\x03\x04\x14\0", "is a zip archive", "unzip -p {} > capture.har"),
    "twice packed": (gzip.compress(gzip.compress(b"{}")), "is packed with gzip", "gzip -dc {} | "),
    "cut off, packed with zstd": (
        b"\x28\xb5\x2f\xfd\0",
        "cannot be read: Compressed file ended",
        "give a HAR file, or",
    ),
    "twice packed with zstd": (zstd.compress(zstd.compress(b"{}")), "is packed with zstd", "zstd -dc {} | "),
    "packed with xz": (b"\xfd7zXZ\0", "is packed with xz", "xz -dc {} > capture.har"),
    "packed with bzip2": (b"BZh9", "is packed with bzip2", "bzip2 -dc {} > capture.har"),
    "UTF-16": (har([]).encode("utf-16"), "is UTF-16 and not UTF-8", "iconv -f UTF-16 -t UTF-8 {} > capture.har"),
    "UTF-16, no mark": (har([]).encode("utf-16le"), "is UTF-16 and", "iconv -f UTF-16LE -t UTF-8 {} > capture.har"),
    "UTF-16, big": (har([]).encode("utf-16be"), "is UTF-16 and", "iconv -f UTF-16BE -t UTF-8 {} > capture.har"),
    "Latin-1": (
        har([entry(POLL)], comment="?").encode().replace(b"?", b"caf\xe9"),
        "is no UTF-8: 0xe9 near byte ",
        "if it is Latin-1: iconv -f LATIN1 -t UTF-8 {} > capture.har",
    ),
    "a bare list": (json.dumps([entry(POLL)], indent=1), "is a bare list", "jq -c '.[]' {} > capture.jsonl"),
    "HTML": ("<!DOCTYPE html>", "is HTML or XML", "give a HAR 1.2, "),
    "a text": ("hello", "is no JSON", "give a HAR 1.2, "),
    "zeros": (b"\0" * 99, "is no JSON", "give a HAR 1.2, "),
    "an empty object": ("{}", "is no HAR: log is missing", "give a HAR 1.2, "),
    "something else": ('{"openapi": "3.1.0",\n"paths": {}}', "is no HAR: log is missing", "give a HAR 1.2, "),
    "no list": ('{"log": {"entries": {}}}', "is no HAR: log.entries is an object, expected a list", "give a HAR 1.2, "),
    "no entries": ('{"log": {}}', "is no HAR: log.entries is missing", "give a HAR 1.2, "),
    "cut off": (
        '{"log": {"entries": [{"a": ',
        "is cut off after 27 bytes, before an entry is whole",
        "export it again",
    ),
    "deep": (f'{{"a": {DEEP}}}', "is no HAR: nested too deeply", "give a HAR 1.2, "),
    "no value": ('{"log": x}', "is no HAR: no JSON: ", "give a HAR 1.2, "),
}


@pytest.mark.parametrize("form", WHOLE)
def test_a_file_that_is_no_archive_is_named(form: str, tmp_path: pathlib.Path) -> None:
    """What it is and what to type; exit code 2, two lines, no traceback."""
    content, named, hint = WHOLE[form]
    path = written(tmp_path, content)
    told = CliRunner().invoke(main, ["judge", "netapp_ontap", path])
    assert told.exit_code == 2
    first, second = told.stderr.splitlines()
    assert first.startswith(f"pollspec: {path} {named}")
    assert second.startswith(f"  hint: {hint.format(path)}")


def test_what_stands_before_a_cut_is_read(tmp_path: pathlib.Path) -> None:
    """Wherever a HAR is cut off: each entry that is whole is read, and it is said where the file ends."""
    text = har(map(entry, POLLS))
    ends = [text.index(json.dumps(entry(one))) + len(json.dumps(entry(one))) for one in POLLS]
    for cut in range(ends[0], len(text), 7):
        passages, unread = read(written(tmp_path, text[:cut]))
        whole = sum(end <= cut for end in ends)
        assert len(passages) == whole
        assert unread == f"the file is cut off after {cut} bytes, after entry {whole}" or cut > ends[2]


DAMAGED = {
    "an entry that is nested too deeply": (f'{{"a": {DEEP}}}', "entry 2: nested too deeply"),
    "a number that is none": ('{"time": NaN}', "entry 2: no JSON"),
    "a bad escape": (r'{"a": "\x"}', "entry 2: no JSON"),
    "brackets in a text": (r'{"a": "}]}\"]}", "b": Infinity}', "entry 2: "),
}


@pytest.mark.parametrize("form", DAMAGED)
def test_one_damaged_entry_does_not_hide_the_others(form: str, tmp_path: pathlib.Path) -> None:
    """Where a HAR is no JSON as a whole, its entries are told apart by their brackets."""
    damaged, expected = DAMAGED[form]
    one, two = (json.dumps(entry(poll)) for poll in POLLS[:2])
    passages, unread = read(written(tmp_path, f'{{"log": {{"entries": [{one}, {damaged}, {two}]}}}}'))
    assert len(passages) == 2
    assert unread.startswith(f"1 of 3 entries could not be read: {expected}")
    assert "; the file is damaged (" in unread and unread.endswith("): 3 entries were found in it")


def test_two_hars_in_one_file_are_not_taken_for_one(tmp_path: pathlib.Path) -> None:
    """What stands after the first is not read, and that is said."""
    passages, unread = read(written(tmp_path, har(map(entry, POLLS)) + har(map(entry, POLLS))))
    assert len(passages) == 3
    assert unread.startswith("the file is damaged (no JSON: trailing characters")


def test_a_log_that_is_written_on_begins_and_ends_anywhere(tmp_path: pathlib.Path) -> None:
    """The first and the last line of JSON Lines may be cut off; they are counted."""
    text = "".join(f"{json.dumps(entry(one))}\n" for one in [*POLLS, *POLLS])
    passages, unread = read(written(tmp_path, text[40:-40]))
    assert len(passages) == 4
    assert unread.startswith("2 of 6 entries could not be read: line 1: no JSON")
    assert unread.endswith("line 6: cut off")


def test_json_lines_that_stop_being_readable_are_read_until_there(tmp_path: pathlib.Path) -> None:
    """A packed file that breaks off gives what came before, and says so."""
    made = [replace(POLL, at=at, body=os.urandom(500).hex()) for at in range(200)]
    packed = gzip.compress("".join(f"{json.dumps(entry(one))}\n" for one in made).encode())
    passages, unread = read(written(tmp_path, packed[: len(packed) // 2]))
    assert 50 < len(passages) < 150
    assert unread == f"the file is broken after line {len(passages)}"


def test_a_line_that_is_too_long_is_skipped(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's poll takes so much; the lines after it are numbered as they stand in the file."""
    monkeypatch.setattr("pollspec.doors.captures.formats.LONGEST", 2_000)
    made = [entry(POLL), entry(POLL, _custom="x" * 9_000), entry(POLL), entry(POLL, response="x")]
    passages, unread = read(json_lines(tmp_path, made))
    assert len(passages) == 2
    assert unread.startswith("2 of 4 entries could not be read: line 2: cut off; line 4: response is")


def test_a_har_that_is_not_mapped_has_a_largest_size(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes may inflate to any size."""
    monkeypatch.setattr("pollspec.doors.captures.formats.LARGEST", 2_000)
    with pytest.raises(CaptureError, match="holds more than 0 MiB\n  hint: give it as a file that is not packed"):
        read(written(tmp_path, gzip.compress(har([entry(POLL, _custom="x" * 9_000)]).encode())))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dev/zero", "/dev/zero is no JSON"),
        ("/", "/ cannot be read: Is a directory"),
        ("/dev/null", "/dev/null is empty"),
    ],
)
def test_what_is_no_file_is_named(path: str, expected: str) -> None:
    """Nothing is read without end."""
    with pytest.raises(CaptureError, match=expected):
        read(path)


def test_entries_are_given_in_order_of_time(tmp_path: pathlib.Path) -> None:
    """They are numbered in that order; as in the file where it is the same; what is bad is named as in the file."""
    several = [entry(POLLS[2]), entry(POLLS[0], response="x"), entry(POLLS[1])]
    archive = Archive(capture(tmp_path, several))
    assert [(one.number, one.passage() is None) for one in archive] == [(0, True), (1, False), (2, False)]
    assert archive.unread.startswith("1 of 3 entries could not be read: entry 2: response")
    others = [entry(POLLS[0], _fromCache="disk"), entry(POLLS[1]), entry(POLLS[2])]
    assert [one.number for one in entries(capture(tmp_path, others))] == [1, 2]
    assert [one.number for one in entries(json_lines(tmp_path, others))] == [1, 2]


def test_one_instant_in_two_offsets_is_one(tmp_path: pathlib.Path) -> None:
    """Entries are ordered by when they began, not by how that is written."""
    texts = ["2026-11-22T07:00:03+01:00", "2026-11-22T05:59:60Z", "2026-11-22T11:30:01+0530"]
    several = [entry(POLL, startedDateTime=text, url_in_request=f"http://x/{text}") for text in texts]
    assert [one.url for one in entries(capture(tmp_path, several))] == [f"http://x/{texts[n]}" for n in (1, 2, 0)]


def test_json_lines_are_read_as_they_come(tmp_path: pathlib.Path) -> None:
    """The first entry is there before the second is written."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with path.open("wb", buffering=0) as pipe:
        os.set_blocking(reading, True)
        pipe.write(f"{json.dumps(entry(POLLS[0]))}\n".encode())
        coming = iter(entries(str(path)))
        assert next(coming).number == 0
        pipe.write(f"{json.dumps(entry(POLLS[1]))}\n".encode())
        assert next(coming).number == 1
    os.close(reading)
    assert list(coming) == []


def test_json_lines_take_the_memory_of_a_line(tmp_path: pathlib.Path) -> None:
    """Ten times as many take no more."""
    peaks = []
    for number in (200, 2_000):
        path = json_lines(tmp_path, [entry(replace(POLL, at=at)) for at in range(number)])
        tracemalloc.start()
        assert sum(one.passage() is not None for one in entries(path)) == number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_a_line_tells_of_itself_only(tmp_path: pathlib.Path) -> None:
    """A HAR that shows a cookie anywhere leaves out none; JSON Lines may be of many writers, and so only that line."""
    shows = entry(replace(POLL, at=0.0, asked={"Cookie": "sid=1"}))
    made = [shows, entry(POLL), entry(replace(POLL, at=2.0, answered={"Set-Cookie": "sid=2"}))]
    browser = {"name": "WebInspector", "version": "537.36"}
    assert [passage.complete for passage in read(capture(tmp_path, made, creator=browser))[0]] == [True, True, True]
    assert [passage.complete for passage in read(json_lines(tmp_path, made))[0]] == [True, False, True]
    parameter = entry(POLL, cookies_in_request=pairs({"Cookie": "x"}), queryString_in_request=pairs({"cookie": "x"}))
    assert [passage.complete for passage in read(capture(tmp_path, [parameter], creator=browser))[0]] == [False]


def test_a_body_is_unpacked_within_the_limits(tmp_path: pathlib.Path) -> None:
    """What inflates to more is an answer that cannot be judged, not an error; what is named but undone stays."""
    packed = gzip.compress(b"0" * 2**21)
    text = {"text": base64.b64encode(packed).decode(), "encoding": "base64"}
    coded = pairs({"Content-Encoding": "gzip"})
    [passage], unread = read(capture(tmp_path, [entry(POLL, content_in_response=text, headers_in_response=coded)]))
    assert (passage.answer, unread) == (None, "")
    assert passage.trouble == "an answer of more than 1048576 bytes, inflated" and passage.unseen
    undone = entry(replace(POLL, body="\u00e9"), headers_in_response=coded)
    [passage], _ = read(capture(tmp_path, [undone]))
    assert passage.answer and passage.answer.content == "é".encode() and not passage.answer.flaw
