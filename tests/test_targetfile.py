"""The target file: what each entry does, and what is said where one is wrong."""

from __future__ import annotations

import pathlib
import sys
import tomllib
from typing import Any

import pytest
import trustme

from pollspec.errors import PollspecError, TargetFileError
from pollspec.masks import Masks
from pollspec.trial.settings import Body, Polls, Settings
from pollspec.trial.targetfile import is_insecure, read
from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.credentials import OAuth, Renewal
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.sources import Source
from tests.conftest import view

URL = 'base_url = "https://host.example:8443"\n'
VENDOR = "netapp_ontap"
HEADER = "$request.header.Authorization"


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with an authority's file, a client's certificate with its key, a secret, and things that are none."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert("client@example.org")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    trustme.CA().issue_cert("other").private_key_pem.write_to_path(str(tmp_path / "other.key"))
    (tmp_path / "secret").write_text("from-a-file\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    return tmp_path


def given(folder: pathlib.Path, text: str, vendor: str = VENDOR) -> tuple[str, Settings, Masks]:
    """What is read from a target file."""
    path = folder / "target.toml"
    path.write_text(text)
    return read(str(path), view(vendor))


def settings(folder: pathlib.Path, text: str, vendor: str = VENDOR) -> Settings:
    """The settings of a target file, after its base URL."""
    return given(folder, URL + text, vendor)[1]


def command(code: str) -> str:
    """A TOML text: a command line that runs some Python without quotes."""
    return f"'''{sys.executable} -c \"{code}\"'''"


def test_defaults(folder: pathlib.Path) -> None:
    """What a file does not say is as the document and the defaults have it."""
    url, made, _ = given(folder, URL)
    assert url == "https://host.example:8443"
    assert made.credentials == {"default": {}, "invalid": view(VENDOR).credentials["invalid"]}
    assert (made.limits, made.polls, made.tls, made.base_path) == (Limits(), Polls(), Tls(), None)
    assert (made.allow_writes, made.try_wrong_logins, made.product_version) == (False, True, None)


def test_flags(folder: pathlib.Path) -> None:
    """Writes may be allowed, wrong logins declined, a version named."""
    made = settings(folder, 'allow_writes = true\ntry_wrong_logins = false\nproduct_version = "9.15.1"\n')
    assert (made.allow_writes, made.try_wrong_logins, str(made.product_version)) == (True, False, "9.15.1")


def test_paths(folder: pathlib.Path) -> None:
    """The URL's own path stands before every path, unless base_path says otherwise; empty is a path too."""
    assert given(folder, 'base_url = "http://host/a/b/"')[:2][1].base_path == "/a/b"
    assert given(folder, 'base_url = "http://host/a/b/"\nbase_path = "/c"')[1].base_path == "/c"
    assert given(folder, 'base_url = "http://host/a"\nbase_path = ""')[1].base_path == ""


def test_polls_and_limits(folder: pathlib.Path) -> None:
    """Every limit and the poll policy may be set; whole numbers do for fractions."""
    made = settings(
        folder,
        "[polls]\ninterval = 0.5\nat_most = 60\nafter_end = 0\n[limits]\ntimeout = 3\nsize = 10\nvalues = 11\n"
        "requests = 12\nrate = 1.5\nmemory = 13\ntime = 14\npause = 15\npatience = 16\n",
    )
    assert made.polls == Polls(0.5, 60, 0)
    assert made.limits == Limits(3, 10, 11, 12, 1.5, 13, 14, 15, 16)


def test_sources_of_secrets(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value is a text, or comes from the environment, a file beside the target file, or a command; with a prefix."""
    monkeypatch.setenv("A_SECRET", " from-the-environment\n")
    made = settings(
        folder,
        f"""
        [credentials.default]
        A = "plain"
        B = {{ env = "A_SECRET" }}
        C = {{ file = "secret" }}
        D = {{ command = {command("print(0xabc)")}, prefix = "Bearer " }}
        """,
    )
    values = {text.rpartition(".")[2]: value for text, value in made.credentials["default"].items()}
    assert values == {"A": "plain", "B": "from-the-environment", "C": "from-a-file", "D": "Bearer 2748"}
    assert made.renewals["default"].sources == {
        "$request.header.C": Source("file", str(folder / "secret")),
        "$request.header.D": Source("command", f'{sys.executable} -c "print(0xabc)"', "Bearer "),
    }


def test_credentials(folder: pathlib.Path) -> None:
    """The three credentials may be given; an invalid one takes the place of the document's."""
    text = "".join(
        f'[credentials.{name}]\nAuthorization = "{name}-1"\n' for name in ("default", "unprivileged", "invalid")
    )
    made = settings(folder, text)
    assert {name: values[HEADER] for name, values in made.credentials.items()} == {
        "default": "default-1",
        "unprivileged": "unprivileged-1",
        "invalid": "invalid-1",
    }
    assert made.renewals == {}


OAUTH = """
[credentials.default.oauth]
token_url = "https://login.example/token?tenant=1"
client_id = "me"
client_secret = "client-secret-77"
"""


def test_a_client(folder: pathlib.Path) -> None:
    """A client of OAuth 2 takes the place of the header; what is not said has a default."""
    made = settings(folder, OAUTH)
    assert made.credentials["default"] == {}
    assert made.renewals == {
        "default": Renewal({}, OAuth("https://login.example/token?tenant=1", "me", "client-secret-77"))
    }


def test_a_client_in_full(folder: pathlib.Path) -> None:
    """A client may have a scope, further parameters, another way to prove itself, and an authority of its own."""
    more = 'scope = "a b"\nclient_auth = "body"\nverify = "ca.pem"\nparameters = { audience = { file = "secret" } }\n'
    oauth = settings(folder, OAUTH + more).renewals["default"].oauth
    assert oauth is not None
    assert (oauth.scope, oauth.in_body, oauth.parameters) == ("a b", True, {"audience": "from-a-file"})
    assert oauth.tls == Tls(str(folder / "ca.pem"))


def test_certificates(folder: pathlib.Path) -> None:
    """An authority, a certificate and its key are files beside the target file."""
    made = settings(folder, 'verify = "ca.pem"\ncert = { file = "client.pem", key = "client.key" }\n')
    assert made.tls == Tls(*(str(folder / name) for name in ("ca.pem", "client.pem", "client.key")))
    assert settings(folder, 'cert = { file = "both.pem" }').tls.cert == str(folder / "both.pem")
    assert settings(folder, "verify = false").tls == Tls(False)


def test_a_client_of_the_same_origin(folder: pathlib.Path) -> None:
    """A token endpoint of the target's own origin is met as the target is, and any other with the defaults."""
    text = f"{URL}verify = 'ca.pem'\ncert = {{ file = 'both.pem' }}\n" + OAUTH
    other = given(folder, text)[1].renewals["default"].oauth
    same = given(folder, text.replace("login.example", "HOST.example:8443"))[1].renewals["default"].oauth
    assert other is not None
    assert same is not None
    assert other.tls == Tls()
    assert same.tls == given(folder, text)[1].tls != Tls()


def test_headers(folder: pathlib.Path) -> None:
    """Further headers are texts, or come from elsewhere."""
    made = settings(folder, '[headers]\nX-Forwarded-Host = "host"\nX-Key = { file = "secret" }\n')
    assert made.headers == {"X-Forwarded-Host": "host", "X-Key": "from-a-file"}


def test_subjects(folder: pathlib.Path) -> None:
    """A subject has one identifier or several, or a command that makes one and prints it."""
    text = '[subjects]\nfinished = "a"\nfailed = ["b", "c"]\nforgotten = { command = ' + command("print(7)") + " }\n"
    made = settings(folder, text)
    found = {name: [dict(one)["$request.path.uuid"] for one in several] for name, several in made.subjects.items()}
    assert found == {"finished": ["a"], "failed": ["b", "c"], "forgotten": ["7"]}


def test_subjects_of_several_parameters(folder: pathlib.Path) -> None:
    """Where several parameters identify a subject, a table names them; where none does, it is true."""
    made = settings(folder, '[subjects]\nfinished = { zone_id = "z", task_id = "t" }\n', "keycard")
    assert made.subjects == {"finished": [{"$request.path.zone_id": "z", "$request.path.task_id": "t"}]}
    assert settings(folder, "[subjects]\nfinished = true\n", "rocket_chat").subjects == {"finished": [{}]}


def test_what_a_subject_command_prints_is_not_shown(folder: pathlib.Path) -> None:
    """A command that prints too little for a subject is an error that does not repeat what it printed."""
    with pytest.raises(TargetFileError, match=r"subjects\.finished gives one value, expected") as caught:
        settings(folder, "[subjects]\nfinished = { command = " + command("print(7777777)") + " }\n", "keycard")
    assert "7777777" not in str(caught.value)


def test_bodies(folder: pathlib.Path) -> None:
    """What starts something is sent as given; what must never come back, or comes from elsewhere, is a secret."""
    text = '[bodies.startDownload]\nurl = { file = "secret" }\nusername = "joe"\npassword = "pass-word-1"\n'
    _, made, masks = given(folder, URL + text)
    assert made.bodies == {
        "startDownload": [Body({"url": "from-a-file", "username": "joe", "password": "pass-word-1"})]
    }
    assert masks.mask("joe pass-word-1 from-a-file") == "joe <password> <url>"


WRONG: dict[str, tuple[str, str, str]] = {
    "no-toml": ("base_url = ", "is no TOML: Invalid value", "mend the line and run again"),
    "no-url": ("allow_writes = true", "base_url is missing", 'base_url = "https://host"'),
    "a-typo": ('base_ulr = "x"', "unknown entry base_ulr", 'did you mean "base_url"?'),
    "another-kind": (URL + "allow_writes = 1", "allow_writes is 1, expected true or false", "allow_writes = false"),
    "a-flag": (URL + "base_path = true", "base_path is True, expected a text", 'base_path = "/api"'),
    "a-secret-of-another-kind": (
        URL + 'credentials = "secret-77"',
        "credentials is of another kind, expected a table",
        "[credentials]",
    ),
    "no-base-url": (
        'base_url = "ftp://joe:secret-77@host"',
        "base_url: 'ftp://...@host' is no base URL: expected http:// or https:// and a host",
        "for example https://host:8443",
    ),
    "no-host": ('base_url = "https://"', "is no base URL", "for example https://host:8443"),
    "no-port": ('base_url = "https://host:x"', "is no base URL", "for example https://host:8443"),
    "a-space": ('base_url = "https://ho st"', "is no base URL", "for example https://host:8443"),
    "a-password": (
        'base_url = "https://joe:secret-77@host"',
        "base_url: the base URL holds a user name or a password",
        "put them under [credentials.default]",
    ),
    "no-version": (
        URL + 'product_version = "9.x"',
        "product_version: '9.x' is no version: expected numbers and dots",
        'product_version = "9.15.1"',
    ),
    "poll-typo": (URL + "[polls]\nintervall = 1", "unknown entry polls.intervall", 'did you mean "interval"?'),
    "limit-typo": (URL + "[limits]\nspeed = 1", "unknown entry limits.speed", "known: memory, patience, pause"),
    "limit-kind": (URL + '[limits]\nsize = "1"', "limits.size is '1', expected a whole number", "size = 1048576"),
    "limit-fraction": (URL + "[limits]\nsize = 1.5", "limits.size is 1.5, expected a whole number", "size = 1048576"),
    "number-kind": (URL + "[limits]\nrate = true", "limits.rate is True, expected a number", "rate = 5"),
    "zero": (
        URL + "[limits]\ntimeout = 0",
        "limits.timeout is 0, expected a number above 0, up to a billion",
        "timeout = 30",
    ),
    "infinite": (URL + "[limits]\ntimeout = inf", "limits.timeout is inf, expected a number above 0", "timeout = 30"),
    "no-number": (URL + "[limits]\nrate = nan", "limits.rate is nan, expected a number above 0", "rate = 5"),
    "negative": (
        URL + "[polls]\nafter_end = -1",
        "polls.after_end is -1, expected a whole number, 0 or more",
        "after_end = 2",
    ),
    "who": (URL + '[credentials.admin]\nA = "x"', "unknown entry credentials.admin", "known: accepted, default"),
    "no-headers": (
        URL + 'credentials.default = "secret-77"',
        "credentials.default is of another kind, expected a table",
        "[credentials.default]",
    ),
    "no-source": (
        URL + "[credentials.default]\nA = 77",
        "credentials.default.A is no text and names no source (env, file, command)",
        'A = { env = "NAME" }',
    ),
    "two-sources": (
        URL + '[credentials.default]\nA = { env = "X", file = "y" }',
        "names no source",
        '{ env = "NAME" }',
    ),
    "no-such-source": (URL + '[credentials.default]\nA = { envv = "X" }', "names no source", '{ env = "NAME" }'),
    "no-variable": (
        URL + '[credentials.default]\nA = { env = "NOT_SET_77" }',
        "credentials.default.A: the environment has no NOT_SET_77",
        "export NOT_SET_77=...",
    ),
    "no-file": (
        URL + '[credentials.default]\nA = { file = "gone" }',
        "cannot be read: No such file or directory",
        "give a readable file",
    ),
    "an-empty-file": (URL + '[credentials.default]\nA = { file = "empty" }', "empty is empty", "give a readable file"),
    "a-binary-file": (URL + '[credentials.default]\nA = { file = "binary" }', "is no text", "give a readable file"),
    "no-command": (
        URL + '[credentials.default]\nA = { command = "no-such-command-77" }',
        "credentials.default.A: the command cannot run (FileNotFoundError)",
        "run the command by hand",
    ),
    "an-empty-command": (URL + '[credentials.default]\nA = { command = "" }', "the command cannot run", "by hand"),
    "half-a-command": (URL + '[credentials.default]\nA = { command = "x \'" }', "the command cannot run", "by hand"),
    "a-failing-command": (
        URL + "[credentials.default]\nA = { command = " + command("print(7777777); raise SystemExit(3)") + " }",
        "credentials.default.A: the command ended with 3",
        "run the command by hand",
    ),
    "a-silent-command": (
        URL + "[credentials.default]\nA = { command = " + command("pass") + " }",
        "credentials.default.A: the command printed nothing",
        "run the command by hand",
    ),
    "two-lines": (
        URL + '[credentials.default]\nA = "secret-77\\r\\nHost: x"',
        "credentials.default.A: it is more than one line of ASCII text",
        'A = { env = "NAME" }',
    ),
    "no-header": (
        URL + '[credentials.default]\n"A B" = "secret-77"',
        'credentials.default."A B": what should be a header\'s name is none',
        '"A B" = ',
    ),
    "framing": (URL + '[headers]\nContent-Length = "3"', "Content-Length is the connection's own business", "{ env"),
    "a-credential-as-header": (
        URL + '[headers]\nauthorization = "secret-77"',
        "headers.authorization is a credential's, and would be sent where none must be",
        "put it under [credentials.default]: authorization = ...",
    ),
    "client-typo": (URL + OAUTH + 'scop = "x"', "unknown entry credentials.default.oauth.scop", '"scope"?'),
    "client-lacks": (
        URL + "[credentials.default.oauth]\nclient_id = 'x'",
        "credentials.default.oauth.token_url is missing",
        'token_url = "https://host/token"',
    ),
    "client-twice": (
        URL + '[credentials.default]\nauthorization = "secret-77"' + OAUTH,
        "credentials.default gives Authorization twice",
        "leave one: header, username, or oauth",
    ),
    "client-of-nobody": (
        URL + OAUTH.replace("default", "invalid"),
        "credentials.invalid.oauth: a client gets no login that is refused",
        "[credentials.default.oauth]",
    ),
    "no-client": (
        URL + 'credentials.default.oauth = "secret-77"',
        "credentials.default.oauth is of another kind, expected a table",
        "[credentials.default.oauth]",
    ),
    "client-secret-kind": (
        URL + OAUTH.replace('"client-secret-77"', "7777777"),
        "credentials.default.oauth.client_secret is no text and names no source (env, file, command)",
        'client_secret = { env = "CLIENT_SECRET" }',
    ),
    "client-auth": (
        URL + OAUTH + 'client_auth = "mtls"',
        "credentials.default.oauth.client_auth is 'mtls', expected basic or body",
        'client_auth = "basic"',
    ),
    "token-url": (
        URL + OAUTH.replace("https://login", "login"),
        "credentials.default.oauth.token_url: 'login.example/token?tenant=1' is no base URL",
        'token_url = "https://host/token"',
    ),
    "no-authority": (URL + 'verify = "gone.pem"', "verify: there is no file", 'verify = "/path/to/file.pem"'),
    "no-pem": (URL + 'verify = "secret"', "verify names no usable PEM file (", "openssl x509 -in FILE -noout -text"),
    "cert-typo": (URL + 'cert = { path = "x" }', "unknown entry cert.path", "known: file, key, password"),
    "cert-lacks": (URL + 'cert = { key = "client.key" }', "cert.file is missing", 'file = "client.pem"'),
    "no-cert": (URL + 'cert = { file = "gone.pem" }', "cert.file: there is no file", 'file = "/path/to/file.pem"'),
    "no-key": (URL + 'cert = { file = "client.pem" }', "cert names no usable PEM file (", "openssl x509"),
    "another-key": (
        URL + 'cert = { file = "client.pem", key = "other.key" }',
        "cert names no usable PEM file (KEY_VALUES_MISMATCH)",
        "openssl x509",
    ),
    "no-subject": (URL + '[subjects]\nfinishd = "x"', "unknown entry subjects.finishd", 'did you mean "finished"?'),
    "subject-kind": (
        URL + "[subjects]\nfinished = true",
        'subjects.finished gives nothing, expected { uuid = "..." }',
        'finished = { uuid = "..." }',
    ),
    "subject-parts": (
        URL + '[subjects]\nfinished = { id = "x" }',
        "subjects.finished gives id, expected",
        'finished = { uuid = "..." }',
    ),
    "no-operation": (
        URL + '[bodies.startDownlod]\nurl = "x"',
        "unknown entry bodies.startDownlod",
        'did you mean "startDownload"?',
    ),
    "a-body-of-a-get": (URL + '[bodies.getJob]\nurl = "x"', "unknown entry bodies.getJob", "startDownload"),
}


@pytest.mark.parametrize(("text", "said", "hint"), WRONG.values(), ids=WRONG)
def test_errors(text: str, said: str, hint: str, folder: pathlib.Path) -> None:
    """An error names the file, says what was given and expected and what to type, and never prints a secret."""
    with pytest.raises(TargetFileError) as caught:
        given(folder, text)
    message = str(caught.value)
    assert message.startswith(str(folder / "target.toml"))
    assert said in message.partition("\n  hint: ")[0]
    assert hint in caught.value.hint
    assert "secret-77" not in message
    assert "7777777" not in message
    assert caught.value.exit_code == 2


def test_files_that_are_none(folder: pathlib.Path) -> None:
    """A file that is not there, or is no text, is told with what to do."""
    for name, said, hint in (
        ("gone.toml", "cannot be read: No such file or directory", "pollspec init netapp_ontap > "),
        ("binary", "binary is no text in UTF-8", "give a file of text in UTF-8"),
        (".", "cannot be read: Is a directory", "give a file of text in UTF-8"),
    ):
        with pytest.raises(PollspecError) as caught:
            read(str(folder / name), view(VENDOR))
        assert said in str(caught.value)
        assert hint in caught.value.hint


def test_an_encrypted_key(folder: pathlib.Path) -> None:
    """A key that wants a password is an error without it, and asks nobody."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((folder / "client.key").read_bytes(), None)
    sealed = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"from-a-file"),
    )
    (folder / "sealed.key").write_bytes(sealed)
    cert = 'cert = { file = "client.pem", key = "sealed.key"'
    with pytest.raises(TargetFileError, match="cert names no usable PEM file"):
        settings(folder, cert + " }")
    with pytest.raises(TargetFileError, match="cert names no usable PEM file"):
        settings(folder, cert + ', password = "wrong-77" }')
    assert settings(folder, cert + ', password = { file = "secret" } }').tls.password == "from-a-file"


@pytest.mark.parametrize(
    ("text", "insecure"),
    [("verify = false", True), ("verify = true", False), ("", False), ('verify = "x"', False), ("verify = ", False)],
)
def test_is_insecure(text: str, insecure: bool, tmp_path: pathlib.Path) -> None:
    """A file that accepts any certificate is known without being read as a whole."""
    path = tmp_path / "target.toml"
    path.write_text(text)
    assert is_insecure(str(path)) is insecure
    assert not is_insecure(str(tmp_path / "gone.toml"))


def test_secrets_do_not_show(folder: pathlib.Path) -> None:
    """What is read shows no client secret and no key's password when it is printed."""
    made: Any = settings(folder, 'cert = { file = "both.pem", password = "pass-77" }\n' + OAUTH)
    assert "client-secret-77" not in repr(made.renewals)
    assert "pass-77" not in repr(made.tls)
    assert tomllib.loads(OAUTH)["credentials"]
