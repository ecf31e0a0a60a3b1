"""Files that a command may be given, the worst of them in one table: each ends in a sentence, in bounded memory.

What servers do wrong stands in the tables of test_hostile.py, what clients do wrong in those of test_smuggling.py.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import pathlib
import sys
import zipfile
from typing import Any

import pytest

from tests import ovens

URL = "http://127.0.0.1:1/zones/z1/catalog_tasks/t1"
SPACES = gzip.compress(b" " * 2**26)
DEEP = 5_000


def har(*, url: str = URL, response: Any = None, text: str = "{}", **content: Any) -> bytes:
    """A HAR of one entry."""
    answer = {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": text, **content}}
    entry = {
        "startedDateTime": "2026-11-27T08:00:00Z",
        "time": 1,
        "request": {"method": "GET", "url": url, "headers": []},
        "response": answer if response is None else response,
    }
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()


def zipped(content: bytes) -> bytes:
    """A zip archive with one file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.har", content)
    return made.getvalue()


def document(extra: str) -> bytes:
    """The oven's document, with something behind it."""
    return ovens.DOCUMENT.read_bytes() + extra.encode()


ALIASES = "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
JUDGE, TEST, LINT = ["judge", "keycard", "{}"], ["test", "keycard", "--target", "{}"], ["lint", "{}"]
KNOWN = ["test", "keycard", "--max-examples", "0", "--only", "keycard/getTask/sample", "--baseline", "{}"]
Row = tuple[list[str], bytes, int, str]

INPUTS: dict[str, Row] = {
    "a HAR with half a URL": (JUDGE, har(url="http://[::1/zones/z1/catalog_tasks/t1"), 2, "request.url is no URL"),
    "a HAR whose answer is a text": (JUDGE, har(response="x"), 2, "response"),
    "a HAR with a lone surrogate": (JUDGE, har(text='{"id": "\\ud800"}'), 1, "id"),
    "a HAR with a body beyond every limit": (
        JUDGE, har(text=base64.b64encode(SPACES).decode(), encoding="base64"), 1, "readable body"),
    "a HAR nested without end": (JUDGE, b'{"log": {"entries": [' + b"[" * DEEP, 2, "nested too deeply"),
    "a HAR that is a zip archive": (JUDGE, zipped(har()), 2, "zip"),
    "a HAR in UTF-16": (JUDGE, har().decode().encode("utf-16"), 2, "UTF-16"),
    "a HAR of nothing": (JUDGE, b"", 2, "empty"),
    "a HAR of noughts": (JUDGE, b"\0" * 2**22, 2, ""),
    "a gzip file that swells": (JUDGE, SPACES, 2, ""),
    "a document of aliases": (LINT, document(ALIASES), 1, "each alias counted as what it stands for"),
    "a document nested without end": (LINT, document("x-a: " + "[" * DEEP), 1, "deep"),
    "a document whose schemas lead in a circle": (
        LINT,
        ovens.DOCUMENT.read_bytes().replace(
            b"  schemas:\n",
            b"  schemas:\n    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n",
        ),
        1, "schemas/"),
    "a document in Latin-1": (LINT, document("x-a: caf\xe9\n").decode().encode("latin-1"), 1, "utf-8"),
    "a target file nested without end": (TEST, b"a = " + b"[" * DEEP, 2, "target"),
    "a target file that is a picture": (TEST, bytes(range(256)) * 64, 2, ""),
    "a credential without end": (
        TEST, b'base_url = "http://h"\n[credentials.default]\nAuthorization = {file = "/dev/zero"}\n', 2, "zero"),
    "known failures that are none": (KNOWN, b"[[known]]\nid = 7\n", 2, ""),
    "known failures of a picture": (KNOWN, bytes(range(256)) * 64, 2, ""),
}  # fmt: skip


def ended(words: list[str], out: pathlib.Path) -> tuple[int, str, int]:
    """The exit code of a command, what it printed, and the memory that it took at most, in MiB."""
    reading = os.fork()
    if reading == 0:
        sink = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        os.execv(sys.executable, [sys.executable, "-m", "pollspec", *words])
    _, status, used = os.wait4(reading, 0)
    return os.waitstatus_to_exitcode(status), out.read_text(encoding="utf-8"), used.ru_maxrss // 1024


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> int:
    """What a run takes that asks nothing."""
    words = ["test", "keycard", "--only", "keycard/getTask/sample"]
    code, _, used = ended(words, tmp_path_factory.mktemp("baseline") / "out")
    assert code == 0
    return used


@pytest.mark.parametrize(("words", "content", "code", "said"), INPUTS.values(), ids=INPUTS)
def test_worst_inputs(
    words: list[str], content: bytes, code: int, said: str, baseline: int, tmp_path: pathlib.Path
) -> None:
    """Each ends with its exit code and what is wrong, without a traceback, and within 130 MiB over the baseline."""
    given = tmp_path / {"lint": "mine.yaml", "judge": "a.har", "test": "target.toml"}[words[0]]
    given.write_bytes(content)
    found, told, used = ended([word.replace("{}", str(given)) for word in words], tmp_path / "out")
    assert (found, said in told) == (code, True), told
    assert "Traceback" not in told
    assert used < baseline + 130
