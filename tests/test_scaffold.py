"""`pollspec scaffold`: from an OpenAPI file and the names of operations to a document that is ready to be used."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.document.lint import examine
from pollspec.document.loader import view
from pollspec.document.scaffold import scaffold
from pollspec.document.scaffold.bundle import Bundle
from pollspec.document.scaffold.guesses import path, stages
from pollspec.document.scaffold.samples import Samples
from pollspec.document.scaffold.text import scalar, written
from pollspec.document.scaffold.translation import translated
from pollspec.document.scaffold.words import kind
from pollspec.document.source import parse
from pollspec.document.vendor import Vendor
from pollspec.errors import DocumentError, UsageError
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial
from tests.conftest import verdicts

FOLDER = pathlib.Path(__file__).parent / "documents" / "openapi"
FOUNDRY, OVENS, FILMS = (str(FOLDER / name) for name in ("foundry.yaml", "ovens.json", "films.yaml"))


def run(*words: str) -> Result:
    """A command line."""
    return CliRunner().invoke(main, list(words))


def made(file: str, *operations: str) -> Vendor:
    """The view of what is scaffolded; it has no error."""
    source = parse(scaffold(file, operations), "made", "made.yaml")
    assert examine(source) == []
    return view(source)


def small(tmp_path: pathlib.Path, **changes: Any) -> str:
    """The path of a small OpenAPI file of one operation, with changes to its answer's schema and more."""
    schema = changes.pop("schema", {"type": "object", "properties": {"state": {"enum": ["new", "done"]}}})
    answer = {"description": "It.", "content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "getIt", "responses": {"200": answer}} | changes.pop("operation", {})
    content = {"openapi": "3.0.3", "info": {"title": "It", "version": "1"}, "paths": {"/it": {"get": operation}}}
    file = tmp_path / "small.json"
    file.write_text(json.dumps(content | changes), encoding="utf-8")
    return str(file)


def test_one_command(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of 22 operations two, in one command and no edit: lint, test and generate are content, and the mock plays."""
    assert len(list(Bundle.of(FOUNDRY).operations())) == 22
    document = str(tmp_path / "casts.yaml")
    done = run("scaffold", FOUNDRY, "startCast", "GET /casts/{castId}", "--output", document)
    assert done.exit_code == 0, done.output
    assert (
        done.output
        == f"{document}: 2 operations, 11 guesses (each with a comment: guess)\nnext: pollspec test {document}\n"
    )
    assert run("lint", document).exit_code == 0
    tested = run("test", document, "--allow-writes")
    assert (tested.exit_code, "broken" in tested.output.splitlines()[-1]) == (0, False), tested.output
    assert run("generate", document, "--output", str(tmp_path)).exit_code == 0
    monkeypatch.syspath_prepend(tmp_path)
    vendor = view(parse(pathlib.Path(document).read_text(encoding="utf-8"), "casts", document))
    mock = Mock(vendor, clock=lambda: 0.0, polls=3)
    signed = {"authorization": "Bearer pollspec-example-key", "content-type": "application/json"}
    body = json.dumps(vendor.operations["startCast"].body).encode()
    started = json.loads(mock.respond("POST", "/api/v4/casts", "", signed.items(), body).content)
    shown = [mock.respond("GET", f"/api/v4/casts/{started['id']}", "", signed.items(), b"") for _ in range(4)]
    casts = [importlib.import_module("casts").Cast.model_validate_json(answer.content) for answer in shown]
    assert (casts[0].status, casts[-1].status, casts[-1].percent_complete) == ("QUEUED", "COMPLETED", 100)


def test_every_operation() -> None:
    """All operations of a file are as good as two; each schema that they reach is there once."""
    vendor = made(FOUNDRY, *(one.id for one in Bundle.of(FOUNDRY).operations()))
    assert len(vendor.operations) == 22
    assert set(vendor.components["schemas"]) == {"cast", "CastStatus", "Problem", "Mould", "Alloy", "Furnace"}
    assert "getCastsCastIdLog" in vendor.operations


def test_only_what_is_reached() -> None:
    """Of the schemas and security schemes those come along that the operations reach."""
    content = made(FOUNDRY, "getHealth").document.content
    assert "components" in content and content["components"] == {}
    assert set(made(FOUNDRY, "getMould").components["schemas"]) == {"Mould"}
    assert set(made(FOUNDRY, "getMould").components["securitySchemes"]) == {"bearer"}


def test_what_is_guessed() -> None:
    """The state, its stages, the start, the number, the identifier: as they were meant, each with a comment."""
    vendor = made(FOUNDRY, "startCast", "getCast")
    work = vendor.lifecycles["work"]
    assert work.views["getCast"].state == "$response.body#/status"
    assert work.start is not None
    assert (work.start.operation, work.start.mints) == ("startCast", {"$response.body#/id": "$request.path.castId"})
    assert {name: stage.kind for name, stage in work.stages.items()} == {
        "QUEUED": "waiting",
        "MELTING": "active",
        "IN_PROGRESS": "active",
        "ON_HOLD": "paused",
        "COMPLETED": "done",
        "FAILED": "failed",
        "CANCELLED": "failed",
    }
    text = scaffold(FOUNDRY, ("startCast", "getCast")).splitlines()
    for line, said in {
        "getCast:": "guess: /status is the state",
        "starts:": "guess: startCast starts it",
        "never-decreases:": "guess: the progress does not go back",
        "polls:": "guess: a poll every 5 s",
    }.items():
        place = next(number for number, one in enumerate(text) if one.strip().startswith(line))
        assert said in text[place - 1]


@pytest.mark.parametrize(
    ("start", "told"),
    [("renderFilm", "$response.header.Operation-Location"), ("cutFilm", "$response.body#/_links/self/href")],
)
def test_an_address_and_a_boolean(start: str, told: str) -> None:
    """What is started may be told by its address, in a header or a link; whether it is over, by a boolean."""
    vendor = made(FILMS, start, "getOperation")
    work = vendor.lifecycles["work"]
    assert work.start is not None
    assert (work.start.operation, work.start.mints) == (start, {told: "/operations/{$request.path.id}"})
    assert {name: stage.kind for name, stage in work.stages.items()} == {
        "under-way": "active",
        "done": "done",
        "failed": "failed",
    }
    trial = Trial(vendor, lambda: reach(Background(vendor), Destination()), Plan(), vendor.beliefs)
    assert {verdict.outcome for verdict in verdicts(trial).values()} == {Outcome.KEPT}


def test_a_json_file() -> None:
    """JSON is read as well; a state further in, an identity of two parts, an end by its word, a share up to 1."""
    vendor = made(OVENS, "batches.create", "batches.get")
    work = vendor.lifecycles["work"]
    assert work.views["batches.get"].state == "$response.body#/job/state"
    assert work.views["batches.get"].instance == ("$request.path.zone", "$request.path.batch_id")
    assert [work.stages[name].kind for name in ("validating", "inProgress", "completed", "expired")] == [
        "active",
        "active",
        "done",
        "failed",
    ]
    (belief,) = [belief for belief in vendor.beliefs if belief.keyword == "never-decreases"]
    assert belief.says == {"value": "$response.body#/job/progress"}


def test_the_latest_one() -> None:
    """Where nothing in a request identifies it, an operation shows the latest; where no word is an end, the last is."""
    vendor = made(OVENS, "GET /now")
    work = vendor.lifecycles["work"]
    assert work.views["getNow"].latest
    assert {name: stage.kind for name, stage in work.stages.items()} == {
        "not-started": "waiting",
        "baking": "active",
        "over": "done",
    }


def test_no_state(tmp_path: pathlib.Path) -> None:
    """Where nothing is a state, the document says so where a lifecycle would stand, and is good all the same."""
    file = small(tmp_path, schema={"type": "object", "properties": {"colour": {"enum": ["red", "blue"]}}})
    assert made(file, "getIt").lifecycles == {}
    assert "# guess: no operation here shows a state" in scaffold(file, ("getIt",))


@pytest.mark.parametrize(
    ("state", "meant"),
    [
        ("QUEUED", "waiting"),
        ("not_started", "waiting"),
        ("inProgress", "active"),
        ("IN_PROGRESS", "active"),
        ("Cancelling", "active"),
        ("canceled", "failed"),
        ("partially_completed", "done"),
        ("timed-out", ""),
        ("TIMEDOUT", "failed"),
        ("Succeeded", "done"),
        ("suspended", "paused"),
        ("deleted", "gone"),
        ("purple", ""),
    ],
)
def test_words_of_states(state: str, meant: str) -> None:
    """The kind of a stage is read from its state's words, however they are written."""
    assert kind(state) == meant


def test_stages_in_order() -> None:
    """What waits goes before what is active; what pauses goes on; an end is followed by nothing; each end has a way."""
    guessed = stages(["done", "running", "queued", "paused", "failed"])
    assert guessed["queued"] == ("waiting", ["running", "paused", "done", "failed"])
    assert guessed["paused"] == ("paused", ["running", "done", "failed"])
    assert guessed["done"] == ("done", [])
    assert path(guessed, "failed") == ["queued", "running", "failed"]
    assert path(guessed, "gone") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"allOf": [{"$ref": "#/a"}], "nullable": True}, {"anyOf": [{"allOf": [{"$ref": "#/a"}]}, {"type": "null"}]}),
        ({"minimum": 0, "exclusiveMinimum": True}, {"exclusiveMinimum": 0}),
        ({"minimum": 0, "exclusiveMinimum": False}, {"minimum": 0}),
        ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ({"$ref": "#/a", "description": "beside"}, {"$ref": "#/a"}),
        ({"type": "string", "format": "byte"}, {"type": "string", "contentEncoding": "base64"}),
    ],
)
def test_translation(old: dict[str, Any], new: dict[str, Any]) -> None:
    """A schema of 3.0 in the words of 3.1 says the same."""
    assert translated(old, is_old=True) == new


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"},
        {"type": "integer", "exclusiveMinimum": 4, "multipleOf": 3},
        {"type": "array", "minItems": 2, "items": {"type": "boolean"}},
        {"allOf": [{"required": ["a"], "properties": {"a": {"type": "number"}}}, {"required": ["b"]}]},
        {"oneOf": [{"type": "integer"}, {"type": "null"}]},
        {"type": "string", "format": "date-time"},
        {"type": "string", "minLength": 30},
        {"const": [1]},
        True,
    ],
    ids=str,
)
def test_samples(schema: Any) -> None:
    """An example that is made up satisfies its schema."""
    samples = Samples({})
    assert samples.fits(schema, samples.of(schema))


def test_no_sample(tmp_path: pathlib.Path) -> None:
    """Where no example is found, a comment asks for one; one of the file's that its schema refuses is left out."""
    never = {"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}, "example": 7}
    assert "# no example is found that this takes" in scaffold(small(tmp_path, schema=never), ("getIt",))


@pytest.mark.parametrize(
    "text", ["no", "on", "1", "1e3", "2026-01-01", "18:00", "null", "a: b", "# a", "", "é\u2028", "a\nb"]
)
def test_texts_come_back(text: str) -> None:
    """Whatever a text is, every reader of YAML finds it again."""
    source = written({"openapi": "3.1.0", "it": [{text or "empty": text}, {"inner": {"list": [text, [text]]}}]}, {})
    assert parse(source, "a", "a.yaml").content["it"][0] == {text or "empty": text}
    assert yaml.safe_load(source)["it"] == parse(source, "a", "a.yaml").content["it"]
    assert parse(source, "a", "a.yaml").surprises == []
    assert yaml.safe_load(scalar(text)) == text


def test_each_operation_has_an_id_of_its_own(tmp_path: pathlib.Path) -> None:
    """Where a file gives none, paths that read alike, or in another script, get ids that lint takes."""
    file = pathlib.Path(small(tmp_path))
    content = json.loads(file.read_text(encoding="utf-8"))
    it = content["paths"]["/it"]["get"]
    del it["operationId"]
    content["paths"] = {path: {"get": it} for path in ("/a-b", "/a/b", "/it", "/заказы")}
    content["paths"]["/named"] = {"get": {**it, "operationId": "getAB"}}
    file.write_text(json.dumps(content), encoding="utf-8")
    vendor = made(str(file), *(f"GET {path}" for path in content["paths"]))
    assert list(vendor.operations) == ["getAB2", "getAB3", "getIt", "get", "getAB"]


def test_unknown_operations() -> None:
    """An operation that is not there: what is there, and what may have been meant; no operation: the same list."""
    with pytest.raises(UsageError, match="there is no operation 'getCats'; the file has\n") as raised:
        scaffold(FOUNDRY, ("getCats",))
    assert raised.value.hint == 'did you mean "getCast"?'
    assert str(raised.value).count("\n  ") >= 22
    with pytest.raises(UsageError, match="no operation is named; the file has"):
        scaffold(FOUNDRY, ())


def test_files_are_not_written_over(tmp_path: pathlib.Path) -> None:
    """A file that is there stays as it is, and an error says what to do."""
    there = tmp_path / "mine.yaml"
    there.write_text("mine", encoding="utf-8")
    done = run("scaffold", FOUNDRY, "getCast", "--output", str(there))
    assert (done.exit_code, there.read_text(encoding="utf-8")) == (2, "mine")
    assert "is there already" in done.output
    assert run("scaffold", FOUNDRY, "getCast", "--tests", str(tmp_path)).exit_code == 2
    assert run("scaffold", FOUNDRY, "getCast", "--output", str(tmp_path / "mine.txt")).exit_code == 2


def test_the_tests_run(tmp_path: pathlib.Path) -> None:
    """The tests that are written pass as they are, in a suite of the user's own."""
    document, folder = tmp_path / "casts.yaml", tmp_path / "suite"
    done = run("scaffold", FOUNDRY, "startCast", "getCast", "--output", str(document), "--tests", str(folder))
    assert done.exit_code == 0, done.output
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    tested = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "COLUMNS": "120"})
    assert "2 passed" in tested.stdout, tested.stdout + tested.stderr


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "nowhere": ({"schema": {"$ref": "#/components/schemas/Lost"}}, "$ref leads nowhere: #/components/schemas/Lost"),
    "no file": ({"schema": {"$ref": "lost.yaml#/A"}}, "lost.yaml cannot be read"),
    "a folder": ({"schema": {"$ref": "folder.yaml"}}, "folder.yaml is no file"),
    "another kind": ({"schema": {"$ref": "/etc/passwd"}}, "/etc/passwd is neither JSON nor YAML"),
    "an address": ({"schema": {"$ref": "https://a.invalid/a.yaml"}}, "https://a.invalid/a.yaml is no local file"),
    "a circle": ({"operation": {"responses": {"200": {"$ref": "#/components/responses/A"}}},
                  "components": {"responses": {"A": {"$ref": "#/components/responses/A"}}}}, "leads back to itself"),
    "aliases": ({"schema": {"$ref": "bomb.yaml"}}, "entries, each alias counted as what it stands for"),
    "too deep": ({"schema": {"$ref": "deep.json"}}, "too deep"),
    "no list": ({"operation": {"parameters": 7}}, "is not what OpenAPI has"),
    "no YAML": ({"schema": {"$ref": "broken.yaml"}}, "broken.yaml:1: no YAML"),
    "a version": ({"openapi": "2.0"}, "is no OpenAPI file of 3.0 or 3.1: it says 2.0"),
    "no paths": ({"paths": []}, "is no OpenAPI file of 3.0 or 3.1"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), HOSTILE.values(), ids=HOSTILE)
def test_hostile(tmp_path: pathlib.Path, changes: dict[str, Any], said: str) -> None:
    """What cannot be read is an error in words, in bounded time and memory; no address is asked."""
    (tmp_path / "folder.yaml").mkdir()
    bomb = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 20)}]" for n in range(1, 12))]
    (tmp_path / "bomb.yaml").write_text("\n".join(bomb), encoding="utf-8")
    (tmp_path / "deep.json").write_text('{"items": ' * 90_000, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("[", encoding="utf-8")
    with pytest.raises(DocumentError) as raised:
        scaffold(small(tmp_path, **changes), ("getIt",))
    assert said in str(raised.value.args[0])
    assert raised.value.hint


def test_a_large_file(tmp_path: pathlib.Path) -> None:
    """A file beyond the bound is not read."""
    file = tmp_path / "large.json"
    with file.open("wb") as stream:
        stream.truncate(100 * 2**20)
    with pytest.raises(DocumentError, match="has more than 33554432 bytes"):
        scaffold(str(file), ("getIt",))


def test_schemas_in_circles(tmp_path: pathlib.Path) -> None:
    """Schemas may lead to one another, through many files; each is there once."""
    for number in range(90):
        following = {"properties": {"next": {"$ref": f"s{(number + 1) % 90}.json"}, "state": {"enum": ["new", "done"]}}}
        (tmp_path / f"s{number}.json").write_text(json.dumps({"type": "object"} | following), encoding="utf-8")
    assert len(made(small(tmp_path, schema={"$ref": "s0.json"}), "getIt").components["schemas"]) == 90


def test_an_operation_in_a_file_of_its_own(tmp_path: pathlib.Path) -> None:
    """Many files have a `$ref` in place of an operation, and a status as a number: it is found by its id."""
    text = "operationId: getIt\nresponses:\n  200:\n    description: It.\n    content:\n      application/json:\n"
    text += '        schema: {type: object, properties: {state: {enum: [new, done]}, "404": {type: string}}}\n'
    (tmp_path / "it.yaml").write_text(text, encoding="utf-8")
    file = pathlib.Path(small(tmp_path))
    content = json.loads(file.read_text(encoding="utf-8"))
    content["paths"]["/it"]["get"] = {"$ref": "it.yaml"}
    file.write_text(json.dumps(content), encoding="utf-8")
    vendor = made(str(file), "getIt")
    assert [response.status for response in vendor.operations["getIt"].responses] == ["200"]
    assert list(vendor.lifecycles) and run("scaffold", str(file), "gotIt").output.count("getIt") >= 1
