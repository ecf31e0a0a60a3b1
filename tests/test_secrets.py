"""No secret in any output: many commands, against a server that keeps quiet and one that repeats all it hears."""

from __future__ import annotations

import base64
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from pollspec.reports import files
from pollspec.servers.polite import Mock
from tests.conftest import CONTRACT_TESTS, view
from tests.encoders import ENCODERS
from tests.rawserver import Connection, RawServer, answer

VENDOR = "netapp_ontap"
CLIENT = "client:secret%0123456789"
COOKIE = "cookie&secret=0123456789"
SECRETS = {
    "from the environment": "env/secret+0123456789==",
    "from a file": "file&secret<>0123456789",
    "from a command": 'command"secret\\0123456789',
    "a client's": CLIENT,
    "a token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb2UifQ.c2lnbmF0dXJlLW9mLWl0",
    "a password": "password of joe 0123456789",
    "a gateway's": "gateway-secret-0123456789",
    "of nobody": "nobodys-secret-0123456789",
    "a cookie's": COOKIE,
}
TARGET = """
base_url = "{url}"
allow_writes = true
[credentials.default.oauth]
token_url = "{url}/token"
client_id = "client"
client_secret = {{ command = '''{python} {folder}/client.py''' }}
[credentials.default]
X-Second = {{ env = "SECOND_SECRET" }}
X-Third = {{ file = "third" }}
X-Fourth = {{ command = '''{python} {folder}/fourth.py''' }}
[credentials.unprivileged]
Authorization = "Basic {basic}"
[credentials.invalid]
Authorization = "Bearer {invalid}"
[headers]
X-Gateway = "{gateway}"
[subjects]
finished = "00000000-5feb-11e8-b0e0-005056956d01"
[bodies.startDownload]
url = "http://server/package"
username = "joe"
password = "{password}"
[polls]
interval = 0.01
at_most = 0.3
after_end = 0
"""


def forms(secret: str) -> list[str]:
    """A secret as it may be written."""
    written = (encode(secret) for encode in ENCODERS.values())
    return list(dict.fromkeys(text for text in written if text.isascii() and text.isprintable()))


def traces(secret: str) -> list[str]:
    """What must stand nowhere: a form of a secret, or the better part of it."""
    return [secret[:16], *(text[4:-4] for text in forms(secret))]


def loud(request: bytes) -> bytes:
    """An answer that repeats the request's headers, each as it is and in other forms, everywhere an answer can."""
    lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    values = [line.partition(": ")[2] for line in lines if line.startswith(("X-", "Authorization"))]
    bare = [word for value in values for word in (value, value.partition(" ")[2] or value)]
    written = [form for value in bare for form in forms(value)]
    told = {"state": written, "uuid": "/".join(bare), "message": " ".join(written), **dict.fromkeys(bare, 1)}
    headers = [f"X-Echo-{number}: {value}" for number, value in enumerate(values)]
    headers.append(f"Set-Cookie: session={COOKIE}; Path=/")
    return answer(told, "Content-Type: application/json", *headers, f"Location: /{'/'.join(bare)}")


def quiet(request: bytes) -> bytes:
    """The polite server's answer, which knows our user by another name."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    sent = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines)}
    ours = sent.get("authorization") == f"Bearer {SECRETS['a token']}"
    cards = view(VENDOR).credentials["default" if ours else "invalid"]
    signed = {text.rpartition(".")[2].lower(): value for text, value in cards.items()}
    sent |= signed if "authorization" in sent else {}
    path, _, query = target.partition("?")
    made = SERVER.respond(method, path, query, sent.items(), body)
    return answer(made.content, *(f"{name}: {value}" for name, value in made.headers), status=f"{made.status} X")


SERVER = Mock(view(VENDOR), duration=0.1)


def serving(make: Callable[[bytes], bytes]) -> Callable[[Connection], None]:
    """A server with a token endpoint."""

    def behave(connection: Connection) -> None:
        while request := connection.request():
            token = answer({"access_token": SECRETS["a token"], "token_type": "Bearer"})
            connection.send(token if request.startswith(b"POST /token ") else make(request))

    return behave


@pytest.fixture(params=[quiet, loud])
def target(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A target file whose secrets come from everywhere."""
    (tmp_path / "third").write_text(SECRETS["from a file"])
    (tmp_path / "fourth.py").write_text(f"print({SECRETS['from a command']!r})")
    (tmp_path / "client.py").write_text(f"print({CLIENT!r})")
    with RawServer(serving(request.param)) as server:
        path = tmp_path / "target.toml"
        path.write_text(
            TARGET.format(
                url=server.url,
                python=sys.executable,
                folder=tmp_path,
                basic=base64.b64encode(f"joe:{SECRETS['a password']}".encode()).decode(),
                invalid=SECRETS["of nobody"],
                gateway=SECRETS["a gateway's"],
                password=SECRETS["a password"],
            )
        )
        yield path
        assert any(SECRETS["from the environment"].encode() in asked for asked in server.requests)
        assert any(SECRETS["a token"].encode() in asked for asked in server.requests)


def said(words: list[str], folder: pathlib.Path) -> str:
    """All that a command prints, on both outputs."""
    environment = {
        **os.environ,
        "SECOND_SECRET": SECRETS["from the environment"],
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=folder)
    return f"{words}\n{done.returncode}\n{done.stdout}\n{done.stderr}"


def leaks(text: str) -> list[str]:
    """Which secrets stand in a text, in which form."""
    found = {name: [form for form in traces(secret) if form in text] for name, secret in SECRETS.items()}
    return [f"{name}: {form}" for name, several in found.items() for form in several]


def test_no_secret_in_any_output(target: pathlib.Path, tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    """No command prints a secret or writes one into a report, whatever a server does with what it was told."""
    made = tmp_path / "made"
    made.mkdir()
    pollspec = [sys.executable, "-c", "from pollspec.cli import main; main()"]
    reports = [word for kind in files.FORMATS for word in ("--report", f"{kind}={made / kind}")]
    tested = [*pollspec, "test", VENDOR, "--target", str(target), "--max-examples", "4"]
    plain = [*CONTRACT_TESTS, "-p", "no:schemathesis"]
    plain += ["--vendor", VENDOR, "--target-file", str(target), "--max-examples", "2", "-rA", "-vv", "--no-header"]
    outputs = [
        said([*tested, *reports, "--strict"], made),
        said([*tested, "--only", f"{VENDOR}/getJob", "--no-wrong-logins", "--product-version", "9.1"], made),
        said([*tested, "--max-requests", "3", "--insecure"], made),
        said([*pollspec, "baseline", str(made / "json")], made),
        said(plain, made),
    ]
    written = {path.name: path.read_bytes().decode("utf-8", "replace") for path in made.rglob("*") if path.is_file()}
    assert set(files.FORMATS) | {"summary.md"} <= set(written)
    assert ("<default X-Second>" in written["json"]) is ("loud" in request.node.name)
    for name, text in [*written.items(), *enumerate(outputs)]:
        assert leaks(text) == [], name
    assert outputs[0].split("\n")[1] == ("1" if "loud" in request.node.name else "0")
    assert all("Traceback" not in text and "INTERNALERROR" not in text for text in outputs)
