"""The command line: every verb's help, every exit code, and for every bad word what to type instead."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner, Result

from pollspec import spec
from pollspec.cli import main
from tests.conftest import SIXTH, view

VERBS = sorted(main.commands)
ONE = "keycard/getTask/echoes/id"
"""A belief, where it does not matter which."""
PLAIN = {"GITHUB_STEP_SUMMARY": None, "CI": None}


def run(*words: str) -> Result:
    """One command, away from the pipeline that this may run in."""
    return CliRunner().invoke(main, list(words), env=PLAIN, prog_name="pollspec")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(verb: str, option: str) -> None:
    """Every verb has a help that says in a sentence what it does, and of every option what it is for."""
    done = run(verb, option)
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: pollspec {verb} ")
    assert re.search(r"\n  [A-Z][^\n]+", done.output)
    for parameter in main.commands[verb].params:
        assert not isinstance(parameter, click.Option) or parameter.help, (verb, parameter.name)


def test_verbs() -> None:
    """The help without a verb lists the verbs; the version is the package's."""
    done = run("--help")
    assert all(f"\n  {verb} " in done.output for verb in VERBS)
    assert {"generate", "mock", "test", "init", "lint", "beliefs"} <= set(VERBS)
    assert run("--version").output == f"pollspec, version {version('pollspec')}\n"


def test_all_kept_is_0() -> None:
    """A polite server keeps everything, and that is 0."""
    done = run("test", "keycard", "--require", "all", "--strict")
    assert done.exit_code == 0, done.output
    assert re.search(r"^keycard/getTask +\d+ +0 +0 +0 +0 ", done.output, re.MULTILINE)


def test_all_five_without_a_vendor(tmp_path: pathlib.Path) -> None:
    """Without a vendor all five are tested, one row for each operation, and no belief is left untried."""
    done = run("test", "--report", f"json={tmp_path / 'r.json'}")
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert list(report["vendors"]) == spec.names()
    assert {row["outcome"] for row in report["rows"]} == {"kept"}
    ids = [f"{operation.id}" for name in spec.names() for operation in view(name).operations.values()]
    assert len(ids) == 7
    for name in spec.names():
        for operation in view(name).operations:
            assert re.search(rf"^{name}/{operation} ", done.output, re.MULTILINE)


def test_only_some() -> None:
    """--only takes an id, the beginning of one, or a glob, several times."""
    for words, least in (
        (["keycard/getTask/echoes/id"], 1),
        (["keycard/getTask/lifecycle"], 4),
        (["keycard/*/echoes/*", "keycard/getTask/at-most/dates"], 4),
    ):
        options = [word for only in words for word in ("--only", only)]
        done = run("test", "keycard", "--max-examples", "0", *options)
        kept = [b for b in view("keycard").beliefs if any(match(b.id, only) for only in words)]
        assert len(kept) == 1 if least == 1 else len(kept) >= least
        assert re.search(rf"^{len(kept)} kept;", done.output, re.MULTILINE), done.output


def test_printed_samples_alone() -> None:
    """Where printed samples alone are wanted nothing is asked, and that is 0 where they are kept."""
    done = run("test", "keycard", "--only", "keycard/*/sample/*")
    assert done.exit_code == 0, done.output
    assert re.search(r"^keycard/getTask +[1-9]\d* +0 +0 +0 +0 +0 +0$", done.output, re.MULTILINE)


def match(belief: str, only: str) -> bool:
    """Whether a selector means a belief."""
    return bool(re.match(re.escape(only).replace(r"\*", "[^/]+") + "(/|$)", belief))


BAD: list[tuple[list[str], str, str]] = [
    (["test", "keykard"], "no vendor is called 'keykard'", 'did you mean "keycard"?'),
    (["test", "no-such.yaml"], "no-such.yaml cannot be read", "give the path of an OpenAPI 3.1 document in YAML"),
    (["test", "/"], "no vendor is called '/'", "known: ibm_qradar, keycard, "),
    (["test", "keycard", "ftp://host"], "'ftp://host' is no base URL", "for example https://host:8443"),
    (["test", "keycard", "host"], "'host' is no base URL", "for example https://host:8443"),
    (["test", "keycard", "http://a:b@host"], "a user name or a password", "put them under [credentials.default]"),
    (["test", "keycard", "http://host:99999"], "is no base URL", "for example https://host:8443"),
    (["test", "keycard", "--only", "keycard/getTask/echos/id"], "selects no belief",
     'did you mean "keycard/getTask/echoes/id"?'),
    (["test", "keycard", "--only", "nothing"], "--only 'nothing' selects no belief", "pollspec beliefs"),
    (["test", "keycard", "--report", "pdf=x"], "--report 'pdf=x'", "known: "),
    (["test", "keycard", "--report", "json"], "--report 'json'", ""),
    (["test", "keycard", "--report", "json=/no/such/folder/x"], "there is no folder /no/such/folder",
     "mkdir -p /no/such/folder"),
    (["test", "keycard", "--require", "sorce"], "--require 'sorce': expected all, a grade or an id",
     'did you mean "source"?'),
    (["test", "keycard", "--target", "no.toml"], "no.toml cannot be read", "pollspec init keycard > no.toml"),
    (["test", "keycard", "--max-examples", "-1"], "Invalid value for '--max-examples'", ""),
    (["test", "keycard", "--seed", "x"], "Invalid value for '--seed'", ""),
    (["test", "keycard", "--stric"], "No such option", "--strict"),
    (["mock", "keykard"], "no vendor is called 'keykard'", 'did you mean "keycard"?'),
    (["mock", "keycard", "--port", "99999"], "Invalid value for '--port'", ""),
    (["mock", "keycard", "--port", "eighty"], "Invalid value for '--port'", ""),
    (["mock"], "Missing argument 'VENDOR'", "Try 'pollspec mock --help' for help"),
    (["init", "keykard"], "no vendor is called 'keykard'", 'did you mean "keycard"?'),
    (["beliefs", "keykard"], "no vendor is called 'keykard'", 'did you mean "keycard"?'),
    (["generate", "keykard"], "no vendor is called 'keykard'", 'did you mean "keycard"?'),
    (["tset"], "No such command 'tset'", ""),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said", "hint"), BAD, ids=[" ".join(words) for words, _, _ in BAD])
def test_bad_words(words: list[str], said: str, hint: str) -> None:
    """A bad word is 2: what was given, what was expected, what to type next, and no traceback."""
    done = run(*words, *(["--only", ONE] if words[:2] == ["test", "keycard"] and "--only" not in words else []))
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert hint in done.output
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


DOCUMENTS: list[tuple[str, str]] = [
    ("", "is no OpenAPI 3.1 document"),
    ("openapi: 3.0.0\n", "is no OpenAPI 3.1 document"),
    ("openapi: 3.1.0\nopenapi: 3.1.0\n", "the name 'openapi' stands twice"),
    ("\0", "no YAML"),
]


@pytest.mark.parametrize("verb", ["test", "mock", "init", "beliefs", "generate"])
@pytest.mark.parametrize(("text", "said"), DOCUMENTS, ids=repr)
def test_bad_documents(verb: str, text: str, said: str, tmp_path: pathlib.Path) -> None:
    """A document that cannot be read is 2 for every verb, with its path."""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    done = run(verb, str(path))
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert str(path) in done.output
    assert isinstance(done.exception, SystemExit)


TARGETS: list[tuple[str, str, str]] = [
    ("bas_url = 'http://h'", "unknown entry bas_url", 'did you mean "base_url"?'),
    ("base_url = 'http://h'\n[subjects]\nfinishd = 'x'", "unknown entry subjects.finishd", 'did you mean "finished"?'),
    ("base_url = ", "is no TOML", "mend the line and run again"),
]


@pytest.mark.parametrize(("text", "said", "hint"), TARGETS, ids=[said for _, said, _ in TARGETS])
def test_bad_target_files(text: str, said: str, hint: str, tmp_path: pathlib.Path) -> None:
    """A target file with one thing wrong is 2, before anything is asked: what, and what to write instead."""
    path = tmp_path / "target.toml"
    path.write_text(text, encoding="utf-8")
    done = run("test", "keycard", "--target", str(path), "--only", ONE)
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert hint in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_init(name: str) -> None:
    """`pollspec init` prints a target file that is TOML, with a comment on every line after its head."""
    done = run("init", name)
    assert done.exit_code == 0, done.output
    assert tomllib.loads(done.output)["base_url"] == "https://host"
    entries = [line for line in done.output[done.output.index("base_url") :].splitlines() if line]
    assert [line for line in entries if not re.search(r"\S +# \S", line)] == []


def test_own_document() -> None:
    """Wherever a command takes VENDOR it takes the path of one's own document."""
    tested = run("test", SIXTH, "--require", "source")
    assert tested.exit_code == 0, tested.output
    assert "sixth/getFiring" in tested.output
    assert run("lint", SIXTH).output.endswith("1 documents, 0 problems\n")
    assert "sixth/getKiln/agrees/at-the-end" in run("beliefs", SIXTH).output
    assert f"pollspec test {SIXTH} --target FILE" in run("init", SIXTH).output


def test_own_document_of_a_known_name(tmp_path: pathlib.Path) -> None:
    """A document of one's own that is called like a known one is tested as one's own, and reproduced as such."""
    path = tmp_path / "keycard.yaml"
    text = spec.load("keycard")
    assert text.count("required: [id, created_at, operation, status, updated_at]") == 1
    path.write_text(
        text.replace("operation, status, updated_at]", "operation, status, updated_at, links]"), encoding="utf-8"
    )
    done = run("test", str(path), "--max-examples", "0", "--only", "keycard/getTask/schema/Task.links")
    assert done.exit_code == 0, done.output
    assert f"pollspec test {path} --target FILE" in run("init", str(path)).output


def test_beliefs() -> None:
    """`pollspec beliefs` lists every belief with what it rests on; as JSON it is data."""
    text = run("beliefs", "keycard").output
    data = json.loads(run("beliefs", "keycard", "--json").output)
    assert [vendor["vendor"] for vendor in data] == ["keycard"]
    for belief in data[0]["beliefs"]:
        assert f"{belief['id']}  ({belief['where']})" in text
    assert {belief["grade"] for belief in data[0]["beliefs"]} == {"source", "observed", "implied"}
    assert len(json.loads(run("beliefs", "--json").output)) == len(spec.names())


def test_nothing_to_try_is_2(tmp_path: pathlib.Path) -> None:
    """A document that believes nothing tries nothing, which is no success."""
    path = tmp_path / "mine.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: Nothing, version: '1'}\npaths: {}\n", encoding="utf-8")
    done = run("test", str(path))
    assert done.exit_code == 2, done.output
    assert "nothing was tried" in done.output


def test_lint_is_1_where_there_are_problems(tmp_path: pathlib.Path) -> None:
    """`pollspec lint` prints each problem with its line, and exits 1 if there is one."""
    assert run("lint").output == f"{len(spec.names())} documents, 0 problems\n"
    path = tmp_path / "mine.yaml"
    path.write_text(spec.load("keycard").replace("arrives: [completed]", "arrives: [complete]"), encoding="utf-8")
    done = run("lint", str(path))
    assert done.exit_code == 1
    problem, summary = done.output.splitlines()
    assert re.fullmatch(rf"{re.escape(str(path))}:\d+: unknown stage 'complete': did you mean \"completed\"\?", problem)
    assert summary == "1 documents, 1 problems"


def test_a_closed_pipe_is_no_traceback() -> None:
    """Where nobody reads on (`pollspec beliefs | head -1`), nothing is said about it."""
    command = [sys.executable, "-c", "from pollspec.cli import main; main()", "beliefs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
