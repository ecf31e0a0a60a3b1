"""What a vendor knows of his own data, as a target file says it: identifiers, credentials, bodies, times."""

from __future__ import annotations

import base64
import pathlib
from typing import Any

import pytest

from pollspec.errors import TargetFileError
from pollspec.masks import Masks
from pollspec.trial.settings import Body, Known, Polls, Settings
from pollspec.trial.target import cards
from pollspec.trial.wire.credentials import Keyring, Renewal
from pollspec.trial.wire.sources import Basic, NoSecret, Source
from tests.conftest import view
from tests.targetfiles import URL, command, given, settings

HEADER = "$request.header.Authorization"
TASK = {"$request.path.zone_id": "z1", "$request.path.task_id": "t17"}
USERS = "".join(
    f'[[credentials.{kind}]]\nname = "{name}"\nX-User-Id = "{name}"\nX-Auth-Token = "{name}-token"\n'
    for kind, name in [("accepted", "second"), ("accepted", "third"), ("refused", "leaver"), ("unprivileged", "guest")]
)


def basic(text: str) -> str:
    """The header of a user's name and password."""
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def test_known(tmp_path: pathlib.Path) -> None:
    """An identifier may be known to be in a stage, or to show values, or both; what is said has its line."""
    made = settings(
        tmp_path,
        """
        [[known]]
        zone_id = "z1"
        task_id = "t17"
        stage = "failed"
        shows = { "/operation" = "delete", "/warnings/0/path" = "x" }
        name = "a-delete"

        [[known]]
        zone_id = "z1"
        task_id = "t17"
        [known.shows]
        "/counts" = { done = 3, ratios = [1, 2.5, true] }
        """,
        "keycard",
    )
    path = tmp_path / "target.toml"
    assert made.known == [
        Known("a-delete", TASK, "failed", {"/operation": "delete", "/warnings/0/path": "x"}, "default", f"{path}:3"),
        Known("known-2", TASK, None, {"/counts": {"done": 3, "ratios": [1, 2.5, True]}}, "default", f"{path}:10"),
    ]


def test_known_by_the_operation_that_shows_it(tmp_path: pathlib.Path) -> None:
    """What is given chooses the operation: by an identifier one, by none the one that shows the latest."""
    text = '[[known]]\nuuid = "u1"\nstage = "paused"\n[[known]]\nstage = "idle"\n'
    made = settings(tmp_path, text, "netapp_ontap")
    assert [(known.given, known.stage) for known in made.known] == [
        ({"$request.path.uuid": "u1"}, "paused"),
        ({}, "idle"),
    ]


def test_known_in_other_words(tmp_path: pathlib.Path) -> None:
    """An identifier may come from elsewhere, be a number, and stand under `given`, as a parameter's name may need."""
    text = "[[known]]\ngiven = { application_id = 1001 }\nstage = 'completed'\n[[known]]\nstage = 'completed'\n"
    text += f"application_id = {{ command = {command('print(1002)')} }}\n"
    made = settings(tmp_path, text, "ibm_qradar")
    assert [list(known.given.values()) for known in made.known] == [[1001], ["1002"]]
    assert {text for known in made.known for text in known.given} == {"$request.path.application_id"}


def test_logins_of_identifiers(tmp_path: pathlib.Path) -> None:
    """Where the account is the identity, an identifier says which credential asks about it."""
    text = (
        USERS
        + '[subjects]\nfinished = true\nfailed = { login = "second" }\ncancelled = [true, { login = "third" }]\n'
        + '[[known]]\nlogin = "third"\nstage = "failed"\n'
    )
    made = settings(tmp_path, text, "rocket_chat")
    assert made.subjects == {"finished": [{}], "failed": [{}], "cancelled": [{}, {}]}
    assert made.logins == {"finished": ["default"], "failed": ["second"], "cancelled": ["default", "third"]}
    assert made.identifiers("cancelled") == [({}, "default"), ({}, "third")]
    assert [(known.login, known.given) for known in made.known] == [("third", {})]


def test_identifiers_without_logins() -> None:
    """Settings that are not a file's, a polite server's cards say, ask about everything as default."""
    made = cards(view("keycard"))
    assert made.identifiers("failed") == [(view("keycard").subjects["failed"].given, "default")]
    assert made.identifiers("unheard-of") == []
    assert cards(view("rocket_chat")).of_kind("unprivileged") == ["unprivileged"]


def test_several_that_never_were(tmp_path: pathlib.Path) -> None:
    """A subject that never was may be several identifiers, in place of the document's own."""
    made = settings(tmp_path, '[subjects]\nunknown = ["a", { uuid = "b" }]\n', "netapp_ontap")
    assert made.subjects["unknown"] == [{"$request.path.uuid": "a"}, {"$request.path.uuid": "b"}]


def test_several_credentials_of_a_kind(tmp_path: pathlib.Path) -> None:
    """Each of several credentials has a name, its own or that of its kind, and what kind it is."""
    more = '[[credentials.accepted]]\nX-User-Id = "fourth"\n[credentials.unprivileged]\nX-User-Id = "fifth"\n'
    made = settings(tmp_path, USERS.partition("[[credentials.unprivileged]]")[0] + more, "rocket_chat")
    assert made.kinds == {
        "default": "default", "second": "accepted", "third": "accepted", "accepted-3": "accepted",
        "unprivileged": "unprivileged", "leaver": "refused", "invalid": "invalid",
    }  # fmt: skip
    assert made.credentials["leaver"] == {
        "$request.header.X-User-Id": "leaver",
        "$request.header.X-Auth-Token": "leaver-token",
    }
    assert made.credentials["accepted-3"] == {"$request.header.X-User-Id": "fourth"}
    assert made.of_kind("accepted") == ["second", "third", "accepted-3"]
    assert set(made.kinds) == set(made.credentials)


def test_a_user_and_a_password(tmp_path: pathlib.Path) -> None:
    """A user's name and password make the Basic header (RFC 7617); each may come from elsewhere, and is got anew."""
    (tmp_path / "secret").write_text("pässword:9\n", encoding="utf-8")
    text = '[credentials.default]\nusername = "joe"\npassword = { file = "secret" }\n'
    made = settings(
        tmp_path, text + '[[credentials.accepted]]\nusername = "ann"\npassword = "plain-9"\n', "netapp_ontap"
    )
    assert made.credentials["default"] == {HEADER: basic("joe:pässword:9")}
    assert made.credentials["accepted"] == {HEADER: basic("ann:plain-9")}
    source = Basic("joe", Source("file", str(tmp_path / "secret")))
    assert made.renewals == {"default": Renewal({HEADER: source})}
    (tmp_path / "secret").write_text("another\n")
    masks = Masks()
    keyring = Keyring(made.credentials, made.renewals, masks, lambda _: pytest.fail("no token is asked for"))
    assert keyring.renew()
    assert keyring.headers("default") == {"Authorization": basic("joe:another")}
    for password in ("another", "pässword:9"):
        assert masks.mask(f"<{password}> {basic(f'joe:{password}')}") == (
            "<<default Authorization>> Basic <default Authorization>"
        )
    assert "plain-9" not in repr(Basic("ann", "plain-9"))


def test_a_basic_header_needs_a_plain_name() -> None:
    """A user's name with a colon is none (RFC 7617, 2), and a control character stands in neither."""
    for user, password in (("a:b", "c"), ("a", "b\nc"), ("a\0", "b")):
        with pytest.raises(NoSecret, match="holds no colon"):
            Basic(user, password)()


def test_crossing_and_malformed(tmp_path: pathlib.Path) -> None:
    """Values of another zone, and values that none has, stand under a parameter's or a field's name; one or several."""
    text = '[crossing]\nzone_id = "z2"\n[malformed]\ntask_id = ["x y", "", 7, "\\u0000"]\n'
    made = settings(tmp_path, text, "keycard")
    assert made.crossing == {"$request.path.zone_id": ["z2"]}
    assert made.malformed == {"$request.path.task_id": ["x y", "", 7, "\0"]}
    made = settings(tmp_path, '[malformed]\nurl = "ftp://x"\nuuid = ["u"]\n', "netapp_ontap")
    assert made.malformed == {"$request.body#/url": ["ftp://x"], "$request.path.uuid": ["u"]}


def test_several_bodies(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start may have several bodies, each with the subject that it leads to; secrets in them are masked."""
    monkeypatch.setenv("A_TOKEN", "token-from-outside")
    text = """
        [[bodies.startDownload]]
        body = { url = "http://server/good", password = "pass-word-1", deep = { list = [{ env = "A_TOKEN" }, 2] } }
        [[bodies.startDownload]]
        body.url = "http://server/bad"
        leads_to = "failed"
        """
    _, made, masks = given(tmp_path, URL + text, "netapp_ontap")
    first = {"url": "http://server/good", "password": "pass-word-1", "deep": {"list": ["token-from-outside", 2]}}
    assert made.bodies == {"startDownload": [Body(first), Body({"url": "http://server/bad"}, "failed")]}
    assert made.body("startDownload") == first
    assert Settings().body("startDownload") is None
    assert masks.mask("pass-word-1 token-from-outside http://server/good") == "<password> <0> http://server/good"


@pytest.mark.parametrize(
    ("lasts", "every", "interval", "most"),
    [
        (30, 5, 0.5, 90), (300, 5, 5, 900), (600, 5, 5, 1800), (1800, 5, 15, 5400), (2, 5, 0.1, 6), (30, 0.2, 0.25, 90),
        (60, 0.05, 0.5, 180),
    ],
)  # fmt: skip
def test_how_long_it_lasts(lasts: float, every: float, interval: float, most: float) -> None:
    """From how long an operation lasts follow 60 polls, up to 120, at most ten a second; and three times its time."""
    made = Polls(lasts=lasts).paced(every)
    assert made.every == pytest.approx(interval)
    assert made.at_most == pytest.approx(most)
    assert lasts / interval <= 120
    assert Polls(lasts=lasts, every=9, at_most=8).paced(every) == Polls(9, 8, 2, lasts)
    assert Polls().paced(every) == Polls()


def test_how_long_it_lasts_in_a_file(tmp_path: pathlib.Path) -> None:
    """What follows from it is there for whoever polls, and what is given besides is kept."""
    assert settings(tmp_path, "[polls]\nlasts = 60\n", "netapp_ontap").polls == Polls(1, 180, 2, 60)
    assert settings(tmp_path, "[polls]\nlasts = 60\ninterval = 2\n", "netapp_ontap").polls == Polls(2, 180, 2, 60)


ZONE = 'zone_id = "z"\ntask_id = "t"\n'
SHELL = "it runs without a shell, which {!r} needs"
WRONG: dict[str, tuple[str, str, str, str]] = {
    "known-says-nothing": ("keycard", f"[[known]]\n{ZONE}", ":2: known[0] says nothing of what", "stage = "),
    "known-stage": (
        "keycard",
        f'[[known]]\n{ZONE}stage = "failled"',
        ":5: known[0].stage: no answer to it shows a stage 'failled'",
        'did you mean "failed"?',
    ),
    "known-stage-of-another-operation": (
        "netapp_ontap",
        '[[known]]\nuuid = "u"\nstage = "idle"',
        ":4: known[0].stage: no answer to it shows a stage 'idle'",
        "did you mean",
    ),
    "known-without-all": (
        "keycard",
        '[[known]]\nzone_id = "secret-77"\nstage = "failed"',
        ':2: known[0] gives zone_id, expected { zone_id = "...", task_id = "..." }',
        'zone_id = "...", task_id = "..."',
    ),
    "known-typo": ("keycard", '[[known]]\ntaskid = "t"\nstage = "failed"', ":3: unknown entry known[0].", "task_id"),
    "known-pointer": (
        "keycard",
        f'[[known]]\n{ZONE}shows = {{ operation = "delete" }}',
        ":5: known[0].shows.operation is no JSON pointer",
        '"/operation" = ...',
    ),
    "known-date": (
        "keycard",
        f'[[known]]\n{ZONE}shows = {{ "/at" = 2026-11-22 }}',
        ':5: known[0].shows."/at" is nothing that JSON knows',
        "",
    ),
    "known-no-list": ("keycard", "[known]\nx = 1", ":2: known is of another kind, expected a list", "[known]"),
    "known-twice": (
        "netapp_ontap",
        '[[known]]\nname = "a"\nstage = "done"\n[[known]]\nname = "a"\nstage = "done"',
        ":6: known[1].name: 'a' is another's name",
        'name = "my-own"',
    ),
    "known-like-a-subject": (
        "netapp_ontap",
        '[[known]]\nname = "failed"\nstage = "done"',
        ":3: known[0].name: 'failed' is another's name",
        'name = "my-own"',
    ),
    "known-name": (
        "netapp_ontap",
        '[[known]]\nname = "a b"\nstage = "done"',
        ":3: known[0].name is 'a b', expected letters, digits, dots, dashes",
        'name = "another"',
    ),
    "login": (
        "rocket_chat",
        USERS + '[subjects]\nfailed = { login = "secnd" }',
        "subjects.failed.login is 'secnd', and no credential of that name is to be accepted",
        'did you mean "second"?',
    ),
    "login-that-is-refused": (
        "rocket_chat",
        USERS + '[[known]]\nlogin = "leaver"\nstage = "done"',
        "known[0].login is 'leaver', and no credential of that name is to be accepted",
        "known: default, second, third",
    ),
    "subject-fraction": (
        "netapp_ontap",
        "[subjects]\nfailed = 1.5",
        ":3: subjects.failed is neither a text nor a whole number, and names no source (env, file, command)",
        "",
    ),
    "subject-of-a-command": (
        "keycard",
        "[subjects]\nfailed = { command = " + command("print(7777777)") + " }",
        ':3: subjects.failed gives one value, expected { zone_id = "...", task_id = "..." }',
        'failed = { zone_id = "...", task_id = "..." }',
    ),
    "subject-list": (
        "netapp_ontap",
        '[subjects]\nfailed = ["a", { id = "secret-77" }]',
        ':3: subjects.failed[1] gives id, expected { uuid = "..." }',
        'failed = { uuid = "..." }',
    ),
    "a-name-twice": (
        "rocket_chat",
        USERS.replace("third", "second"),
        ":7: credentials.accepted[1].name: 'second' is another's name",
        'name = "another"',
    ),
    "a-name-that-has-a-meaning": (
        "rocket_chat",
        USERS.replace('"third"', '"none"'),
        ":7: credentials.accepted[1].name: 'none' is another's name",
        'name = "another"',
    ),
    "no-password": (
        "netapp_ontap",
        '[credentials.default]\nusername = "joe"',
        "credentials.default.password is missing",
        'password = { env = "NAME" }',
    ),
    "no-user": (
        "netapp_ontap",
        '[credentials.default]\npassword = "secret-77"',
        "credentials.default.username is missing",
        'username = { env = "NAME" }',
    ),
    "a-colon": (
        "netapp_ontap",
        '[credentials.default]\nusername = "j:secret-77"\npassword = "x"',
        ":2: credentials.default: a user's name holds no colon",
        "mend username and password",
    ),
    "authorization-twice": (
        "netapp_ontap",
        '[credentials.default]\nauthorization = "secret-77"\nusername = "j"\npassword = "x"',
        ":2: credentials.default gives Authorization twice",
        "leave one: header, username, or oauth",
    ),
    "a-client-that-is-refused": (
        "netapp_ontap",
        "[[credentials.refused]]\noauth = { token_url = 'https://h', client_id = 'i', client_secret = 'secret-77' }",
        ":3: credentials.refused[0].oauth: a client gets no login that is refused",
        "[credentials.default.oauth]",
    ),
    "a-header-called-name": ("keycard", "[credentials.default]\nname = 7", "default.name is no text", "name = "),
    "crossing-typo": ("keycard", '[crossing]\nzoneid = "z"', ":3: unknown entry crossing.zoneid", '"zone_id"'),
    "crossing-a-field": ("netapp_ontap", '[crossing]\nurl = "u"', ":3: unknown entry crossing.url", "known: "),
    "crossing-kind": ("keycard", "[crossing]\nzone_id = [true]", ":3: crossing.zone_id[0] is neither a text", ""),
    "malformed-typo": ("netapp_ontap", '[malformed]\nuid = "z"', ":3: unknown entry malformed.uid", '"uuid"'),
    "body-leads": (
        "netapp_ontap",
        '[[bodies.startDownload]]\nbody = { url = "u" }\nleads_to = "fails"',
        ":4: bodies.startDownload[0].leads_to is 'fails', which is unknown",
        'did you mean "failed"?',
    ),
    "body-lacks": (
        "netapp_ontap",
        '[[bodies.startDownload]]\nleads_to = "failed"',
        ":2: bodies.startDownload[0].body is missing",
        "body = ",
    ),
    "body-kind": ("netapp_ontap", '[bodies]\nstartDownload = "secret-77"', ":3: bodies.startDownload is", "[bodies"),
    "body-nan": ("netapp_ontap", "[bodies.startDownload]\nx = [nan]", ":3: bodies.startDownload.x[0] is", ""),
    "lasts": ("keycard", "[polls]\nlasts = 0", ":3: polls.lasts is 0, expected a number above 0", "lasts = 1800"),
    **{
        f"command-{name}": (
            "netapp_ontap",
            f"[credentials.default]\nA = {{ command = '''{line}''' }}",
            f":3: credentials.default.A.command: {SHELL.format(sign)}",
            "command = \"sh -c '...'\"",
        )
        for name, line, sign in [
            ("substitution", "echo $(cat secret-77)", "$("), ("quoted-substitution", 'echo "x $(cat secret-77)"', "$("),
            ("backticks", "echo `cat secret-77`", "`"), ("pipe", "cat secret-77 | head -1", "|"),
            ("and", "cd /x && cat secret-77", "&&"), ("semicolon", "cd /x; cat secret-77", ";"),
            ("output", "cat secret-77 > /tmp/x", ">"), ("errors", "cat secret-77 2>/dev/null", "2>"),
            ("variable", "cat $HOME/secret-77", "$H"), ("home", "cat ~/secret-77", "~"),
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize(("vendor", "text", "said", "hint"), WRONG.values(), ids=WRONG)
def test_errors(vendor: str, text: str, said: str, hint: str, tmp_path: pathlib.Path) -> None:
    """An error says which entry in which line, what was given and expected, and what to type; no secret is printed."""
    with pytest.raises(TargetFileError) as caught:
        settings(tmp_path, text, vendor)
    assert str(caught.value).startswith(f"{tmp_path / 'target.toml'}")
    assert said in str(caught.value.args[0])
    assert hint in caught.value.hint
    assert "secret-77" not in str(caught.value)
    assert "7777777" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    ["sh -c 'echo a | cat; echo $(true) > /dev/null'", 'sh -c "echo $(echo a)"', "echo 'a | b'",
     "echo a\\|b", "echo http://h/?a=1&b=2;c", "echo '$HOME' '`x`' a$", 'echo "a > b"'],
)  # fmt: skip
def test_commands_that_need_no_shell(line: str, tmp_path: pathlib.Path) -> None:
    """What is quoted, or handed to a shell by name, is a command as any."""
    made: Any = settings(tmp_path, f"[credentials.default]\nA = {{ command = '''{line}''' }}", "netapp_ontap")
    assert made.credentials["default"]["$request.header.A"]
