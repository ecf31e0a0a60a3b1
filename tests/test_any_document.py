"""Whatever a document holds, every verb answers in a sentence: a table of documents, so that the next is a line."""

from __future__ import annotations

import copy
import json
import pathlib
import re
import resource
import time
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.document.source import parse
from pollspec.doors.plugin import ORDER
from tests.composed import KETTLE

TEXT = pathlib.Path(KETTLE).read_text(encoding="utf-8")
CONTENT = parse(TEXT, "kettle", KETTLE).content
GET = "paths /kettles/{name} get"
OK, MEDIA = f"{GET} responses 200", f"{GET} responses 200 content application/json"
BOILS, UNKNOWN = f"{GET} x-contract only-when boils", f"{GET} x-contract answers unknown"
HEATING, SCHEMA = "x-contract lifecycles heating", "components schemas Kettle"
GONE = object()
"""In place of a value: the entry is missing."""
FINE = ""
"""In place of a problem: pollspec reads the document; lint may have something to say of it."""

NO_OBJECT = 'null is not of type "object"'
EDITS: dict[str, tuple[str, Any, str]] = {
    # what is odd: where, what stands there, what is wrong with it
    "no info": ("info", GONE, "info is missing"),
    "no title": ("info title", GONE, "title is missing"),
    "info that is null": ("info", None, f"info: {NO_OBJECT}"),
    "a version that is a list": ("info version", ["1"], 'version: ["1"] is not of type "string"'),
    "a version of code": ("info version", '1"""\nimport os', FINE),
    "paths that are missing": ("paths", GONE, "paths is missing"),
    "paths that are null": ("paths", None, f"paths: {NO_OBJECT}"),
    "paths that are a list": ("paths", [], 'paths: [] is not of type "object"'),
    "no path": ("paths", {}, "unknown operation 'getKettle': known: none"),
    "a path that is null": ("paths /pots", None, f"/pots: {NO_OBJECT}"),
    "an extension among the paths": ("paths x-internal", None, FINE),
    "an operation that is null": (GET, None, f"get: {NO_OBJECT}"),
    "no operationId": (f"{GET} operationId", GONE, "operationId is missing"),
    "an operationId that is a number": (f"{GET} operationId", 7, "operationId is no text: quote it"),
    "an operationId twice": (
        "paths /pots",
        CONTENT["paths"]["/kettles/{name}"],
        "the operationId getKettle stands twice",
    ),
    "no responses": (f"{GET} responses", GONE, FINE),
    "responses that are null": (f"{GET} responses", None, f"responses: {NO_OBJECT}"),
    "a response that is null": (OK, None, f"200: {NO_OBJECT}"),
    "a response without content": (f"{OK} content", GONE, FINE),
    "content that is null": (f"{OK} content", None, f"content: {NO_OBJECT}"),
    "a media type that is null": (MEDIA, None, f"application/json: {NO_OBJECT}"),
    "no schema": (f"{MEDIA} schema", GONE, FINE),
    "a schema that is true": (f"{MEDIA} schema", True, FINE),
    "a schema that is false": (f"{MEDIA} schema", False, FINE),
    "examples that are a list": (f"{MEDIA} examples", [1], 'examples: [1] is not of type "object"'),
    "an example that is null": (f"{MEDIA} examples warm", None, f"warm: {NO_OBJECT}"),
    "an example elsewhere": (f"{MEDIA} examples warm", {"externalValue": "http://127.0.0.1:9/"}, FINE),
    "an example that is a list": (f"{MEDIA} examples warm", {"value": [1]}, FINE),
    "headers that are null": (f"{OK} headers", None, f"headers: {NO_OBJECT}"),
    "a header with content": (f"{OK} headers", {"X-A": {"content": {"text/plain": {"schema": {}}}}}, FINE),
    "links that are numbers": (f"{OK} links", {"a": 7}, 'a: 7 is not of type "object"'),
    "a status that is none": (f"{GET} responses abc", {"description": "No."}, FINE),
    "default": (f"{GET} responses default", {"description": "Else."}, FINE),
    "parameters that are null": (f"{GET} parameters", None, 'parameters: null is not of type "array"'),
    "a parameter that is null": (f"{GET} parameters", [None], '0: null is not of type "object"'),
    "a parameter without a name": (f"{GET} parameters 0 name", GONE, "name is missing"),
    "a parameter without a schema": (f"{GET} parameters 0 schema", GONE, "the parameter name has no schema"),
    "a parameter without an example": (f"{GET} parameters 0 example", GONE, FINE),
    "a parameter in a place that is none": (f"{GET} parameters 0 in", "body", 'in: "body" is not one of'),
    "a parameter with content": (
        f"{GET} parameters 0",
        {
            "name": "name",
            "in": "path",
            "required": True,
            "content": {"application/json": {"schema": {}, "example": {"a": 1}}},
        },
        FINE,
    ),
    "a parameter with content in no media type": (
        f"{GET} parameters 0",
        {"name": "name", "in": "path", "required": True, "content": {}},
        "{} has less than 1 property",
    ),
    "a parameter that is a schema": (f"{GET} parameters 0", {"$ref": "#/components/schemas/Kettle"}, "name is missing"),
    "a cookie": (f"{GET} parameters 1", {"name": "c", "in": "cookie", "required": True, "schema": {}}, FINE),
    "a request body without content": (f"{GET} requestBody", {}, "content is missing"),
    "a request body of another kind": (f"{GET} requestBody", {"content": {"text/plain": {}}}, FINE),
    "a request body that is a list": (
        f"{GET} requestBody",
        {"content": {"application/json": {"schema": {}, "example": [1]}}},
        FINE,
    ),
    "security that is null": ("security", None, 'security: null is not of type "array"'),
    "servers that are null": ("servers", None, 'servers: null is not of type "array"'),
    "no server": ("servers", [], FINE),
    "a server whose address is none": ("servers", [{"url": "http://[::1"}], "ValueError Invalid IPv6 URL"),
    "a server's variable without a value": (
        "servers",
        [{"url": "http://{h}", "variables": {"h": {}}}],
        "default is missing",
    ),
    "components that are null": ("components", None, "$ref leads nowhere: #/components/schemas/Kettle"),
    "a schema that is null": (SCHEMA, None, 'Kettle: null is not of types "boolean", "object"'),
    "a schema of an unknown type": (f"{SCHEMA} type", "strin", 'type: "strin" is not valid'),
    "a pattern that is none": (f"{SCHEMA} properties state pattern", "[", 'pattern: "[" is not a "regex"'),
    "required that is a text": (f"{SCHEMA} required", "state", 'required: "state" is not of type "array"'),
    "an enum that is an object": (f"{SCHEMA} properties state enum", {}, 'enum: {} is not of type "array"'),
    "a text of any length": (f"{SCHEMA} properties state maxLength", 10**12, FINE),
    "a description that is a number": (f"{SCHEMA} description", 7, "description is no text: quote it"),
    "a sentence that is a number": (f"{SCHEMA} x-source", 7, FINE),
    "a schema that holds itself": (f"{SCHEMA} properties child", {"$ref": "#/components/schemas/Kettle"}, FINE),
    "a schema that is itself": (SCHEMA, {"$ref": "#/components/schemas/Kettle"}, "$ref leads back to itself: "),
    "a response that is itself": (
        "components responses",
        {"A": {"$ref": "#/components/responses/B"}, "B": {"$ref": "#/components/responses/A"}},
        "$ref leads back to itself: #/components/responses/B -> #/components/responses/A -> #/components/responses/B",
    ),
    "a $ref to nowhere": (f"{MEDIA} schema", {"$ref": "#/components/schemas/Kttle"}, "$ref leads nowhere: "),
    "a $ref to elsewhere": (f"{MEDIA} schema", {"$ref": "http://127.0.0.1:9/k"}, "$ref leads nowhere: "),
    "a $ref that is a number": (f"{MEDIA} schema", {"$ref": 7}, "$ref is no text: quote it"),
    "an anchor that is none": (f"{MEDIA} schema", {"$dynamicRef": "#kettle"}, "Anchor 'kettle' does not exist"),
    "no x-contract": ("x-contract", GONE, "x-contract is missing: see spec/README.md"),
    "x-contract that is null": ("x-contract", None, f"x-contract: {NO_OBJECT}"),
    "x-contract of an operation that is a list": (f"{GET} x-contract", [], 'x-contract: [] is not of type "object"'),
    "a keyword that is a number": (f"{GET} x-contract answers", 7, 'answers: 7 is not of type "object"'),
    "a belief that is a text": (UNKNOWN, "it", 'unknown: "it" is not of type "object"'),
    "a condition that is a list": (
        f"{BOILS} when",
        [{"$response.body#/state": "boils"}, {"$response.body#/state": "warm", "$response.body#/degrees": 100}],
        FINE,
    ),
    "a condition that is a number": (f"{BOILS} when", 7, "when: 7 is not valid under any of the schemas"),
    "a condition with a pattern that is none": (
        f"{BOILS} then",
        {"$response.body#/state": {"pattern": "["}},
        "pattern: ",
    ),
    "an integer in a header that is played": (f"{UNKNOWN} plays header", {"Retry-After": 30}, FINE),
    "nothing in a header that is played": (f"{UNKNOWN} plays header", {"Retry-After": {"absent": True}}, FINE),
    "headers that are played as a list": (f"{UNKNOWN} plays header", [1], 'header: [1] is not of type "object"'),
    "a body that is played without a status": (f"{UNKNOWN} plays", {"body": {"reason": "gone"}}, FINE),
    "a status that is played and is a text": (
        f"{UNKNOWN} plays status",
        "404",
        'status: "404" is not of type "integer"',
    ),
    "an unknown subject": (f"{UNKNOWN} subject", "nobody", "unknown subject 'nobody'"),
    "an expression within a text that is none": (
        f"{HEATING} stages warm plays getKettle /name",
        "/kettles/{$request.foo}",
        "'$request.foo' is no runtime expression",
    ),
    "an expression for the state that is none": (
        f"{HEATING} seen-by getKettle state",
        "$response.body#state",
        "'$response.body#state' is no runtime expression",
    ),
    "a state in a header": (f"{HEATING} seen-by getKettle state", "$response.header.X-State", FINE),
    "no stages": (f"{HEATING} stages", {}, "{} has less than 1 property"),
    "a stage that shows no state": (f"{HEATING} stages cold states getKettle", [], "getKettle: [] is not valid"),
    "a ramp of words": (
        f"{HEATING} stages warm plays getKettle /degrees",
        {"ramp": ["a", "b"]},
        '"a" is not of type "number"',
    ),
    "a date that is none": (
        f"{HEATING} stages warm plays getKettle /at",
        {"later": "soon"},
        'later: "soon" is not a "date-time"',
    ),
    "an operation that sees and is none": (
        f"{HEATING} seen-by getPot",
        {"instance": "latest", "state": "$response.body#/state"},
        "unknown operation 'getPot'",
    ),
    "a card that is a list": ("x-contract subjects finished given", {"$request.path.name": [1]}, "[1] is not of types"),
    "a card that is a number": ("x-contract subjects finished given", {"$request.path.name": 7}, FINE),
    "a credential that is a number": (
        "x-contract credentials",
        {"default": {"$request.header.X": 7}},
        "is no text: quote it",
    ),
    "a credential in the query": ("x-contract credentials", {"default": {"$request.query.key": "7"}}, "does not match"),
    "an alternative of no version": (
        f"{UNKNOWN} or",
        [{"observed": "so it is", "versions": "some", "mentions": 1}],
        "'some' names no versions",
    ),
}


def leading(length: int, schema: str) -> str:
    """The document with so many further schemas, of which each leads to the next, and the last to the kettle."""
    chain = "".join(
        f"    S{n}: {schema.format(next=n + 1).replace('&n', f'&n{n}').replace('*n', f'*n{n}')}\n"
        for n in range(length)
    )
    last = f"    S{length}: {{properties: {{kettle: {{$ref: '#/components/schemas/Kettle'}}}}}}\n"
    first = "        first: {$ref: '#/components/schemas/S0'}\n        degrees: {type"
    return TEXT.replace("    Kettle:\n", f"{chain}{last}    Kettle:\n").replace("        degrees: {type", first)


TEXTS: dict[str, tuple[str, str]] = {
    # what is odd: the text, what is wrong with it
    "5,000 lists in one another": (f"{TEXT}x-deep: {'[' * 5000}{']' * 5000}\n", "no YAML: nested more than 100 deep"),
    "5,000 objects in one another": (
        f"{TEXT}x-deep: {'{a: ' * 5000}{'}' * 5000}\n",
        "no YAML: nested more than 100 deep",
    ),
    "5,000 lines deeper and deeper": (
        TEXT + "x-deep:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 5001)),
        "no YAML: nested more than 100 deep",
    ),
    "aliases in one another": (
        f"{TEXT}x-a: &a {'[' * 60}{']' * 60}\nx-b: {'[' * 60}*a{']' * 60}\n",
        "no YAML: nested more than 100 deep",
    ),
    "aliases that explode": (
        TEXT
        + "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)),
        "no YAML: more than 100000 entries, each alias counted as what it stands for",
    ),
    "an alias of itself": (f"{TEXT}x-a: &a [*a]\n", "no YAML: an alias stands within what it stands for"),
    "an alias of nothing": (f"{TEXT}x-a: *a\n", "no YAML: found undefined alias 'a'"),
    "an anchor": (TEXT.replace("schema: {type: string}", "schema: &text {type: string}") + "x-a: *text\n", FINE),
    "a merge key": (f"{TEXT}x-a: &a {{b: 1}}\nx-b: {{<<: *a}}\n", "no YAML: << is no part of YAML 1.2"),
    "a tag": (f"{TEXT}x-a: !!python/object:os.system ls\n", "no YAML: the tag !!python/object:os.system is not read"),
    "a status that is a number": (TEXT.replace('"200":', "200:"), "the name 200 is no text: quote it"),
    "a name that is null": (f"{TEXT}null: 1\n", "the name None is no text: quote it"),
    "a property that is true": (TEXT.replace("degrees: {type", "true: {type"), "the name True is no text: quote it"),
    "a name that is a list": (f"{TEXT}? [a, b]\n: 1\n", "no YAML: a name is a text"),
    "a number of 5,000 digits": (
        f"{TEXT}x-a: {'9' * 5000}\n",
        "no YAML: the number 99999999999999999999 is out of every",
    ),
    "a number beyond all": (f"{TEXT}x-a: 1e999\n", "no YAML: the number 1e999 is out of every range"),
    "half a character": (f'{TEXT}x-a: "\\ud800"\n', "no YAML: a lone surrogate, which is no character"),
    "a character in two halves": (f'{TEXT}x-a: "\\ud83d\\udd25"\n', FINE),
    "a NUL": (f"{TEXT}x-a: \x00\n", "no YAML: the character '\\x00' in it"),
    "two documents": (f"{TEXT}---\na: 1\n", "no YAML: but found another document"),
    "nothing": ("", "is no OpenAPI 3.1 document"),
    "a later OpenAPI": (TEXT.replace("openapi: 3.1.0", "openapi: 3.2.0"), "is no OpenAPI 3.1 document"),
    "a document without components": (
        re.sub(
            r"\ncomponents:.*?(?=\nx-contract:)",
            "",
            TEXT.replace('{$ref: "#/components/schemas/Kettle"}', "{type: object}"),
            flags=re.S,
        ),
        FINE,
    ),
    "terminal escapes": (TEXT.replace("It does not get colder.", '"\\e[31mIt does not get colder."'), FINE),
    "schemas that lead one into another": (
        leading(300, "{{items: {{$ref: '#/components/schemas/S{next}'}}}}"),
        "schemas lead one into another more than 100 deep",
    ),
    "schemas that lead into one another in every way": (
        leading(
            30, "{{properties: {{a: &n {{$ref: '#/components/schemas/S{next}'}}, b: *n, c: *n, d: *n, e: *n, f: *n}}}}"
        ),
        FINE,
    ),
}


def edited(where: str, value: Any) -> str:
    """The kettle's document with another value at a place, as JSON; GONE takes it away."""
    content = copy.deepcopy(CONTENT)
    *way, last = where.split(" ")
    node: Any = content
    for token in way:
        node = node[int(token)] if isinstance(node, list) else node.setdefault(token, {})
    if value is GONE:
        del node[last]
    elif isinstance(node, list):
        node[int(last) : int(last) + 1] = [value]
    else:
        node[last] = value
    return json.dumps(content, indent=1)


CASES = {name: (edited(where, value), problem) for name, (where, value, problem) in EDITS.items()} | TEXTS
READ = [name for name, (_, problem) in CASES.items() if problem == FINE]


@pytest.fixture
def path(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> str:
    """Where the document of a case is."""
    there = tmp_path / "mine.yaml"
    there.write_text(CASES[request.param][0], encoding="utf-8")
    return str(there)


def told(*words: str) -> Result:
    """What a verb says; a traceback is an error of the test."""
    done = CliRunner().invoke(main, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), words
    assert "Traceback" not in done.output
    return done


@pytest.mark.parametrize("path", READ, indirect=True)
def test_what_is_read(path: str) -> None:
    """A document that is odd, and no more, is read by every verb that only reads it."""
    for verb in ("beliefs", "init", "faults", "cards"):
        assert told(verb, path).exit_code == 0, verb
    assert told("explain", "mine", path).exit_code == 0
    assert told("lint", path).exit_code in {0, 1}
    assert "nothing has changed" in told("diff", path, path).output
    for old, new in ((KETTLE, path), (path, KETTLE)):
        assert told("diff", str(old), str(new)).exit_code in {0, 1}


@pytest.mark.parametrize(
    ("path", "problem"), [(name, wrong) for name, (_, wrong) in CASES.items() if wrong], indirect=["path"]
)
def test_what_is_refused(path: str, problem: str) -> None:
    """What is wrong is said in one line, by lint with exit code 1 and by every other verb with 2."""
    found = told("lint", path)
    assert found.exit_code == 1
    assert any(problem in line for line in found.output.splitlines())
    for verb in (("beliefs",), ("init",), ("faults",), ("cards",), ("test",), ("explain", "mine"), ("generate",)):
        done = told(*verb, path)
        assert done.exit_code == 2, (verb, done.output)
        assert done.output.startswith(f"pollspec: {path}"), done.output
        assert problem in done.output
    assert told("judge", path, "-").exit_code == 2


@pytest.mark.parametrize("path", READ, indirect=True)
def test_what_is_tried(path: str) -> None:
    """A document that is odd, and no more, is held against its own polite server."""
    done = told("test", path, "--max-examples", "1")
    assert done.exit_code in {0, 1, 2, 3}, done.output
    assert "error of pollspec's own" not in done.output


def test_what_cannot_be_read_is_no_interrupt(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract tests that fail while they are read end with 3, and what they say, perhaps a secret, is not told."""
    for module in ORDER:
        (tmp_path / f"{module}.py").write_text("raise ValueError('s3cret')\n")
    monkeypatch.setattr("pollspec.doors.run.FOLDER", tmp_path)
    done = told("test", KETTLE)
    assert done.exit_code == 3 and "an error of pollspec's own (ValueError in " in done.stderr
    assert "s3cret" not in done.output


@pytest.mark.parametrize(
    "path", ["a version of code", "terminal escapes", "a document without components"], indirect=True
)
def test_what_is_generated(path: str, tmp_path: pathlib.Path) -> None:
    """Models are made, and are Python; where there are none, a sentence says so."""
    done = told("generate", path, "--output", str(tmp_path))
    if done.exit_code == 0:
        compile((tmp_path / "mine.py").read_text(encoding="utf-8"), "mine.py", "exec")
    else:
        assert f"no models can be made of {path}" in done.output


@pytest.mark.parametrize("path", ["terminal escapes"], indirect=True)
def test_terminal_escapes(path: str) -> None:
    """What a document says reaches a terminal without its control characters."""
    for words in (("beliefs", path), ("beliefs", "--json", path), ("explain", "mine", path), ("lint", path)):
        assert "\x1b" not in told(*words).output
    assert r"\u001b[31mIt does not get colder." in told("beliefs", path).output


@pytest.mark.parametrize("path", ["aliases that explode", "schemas that lead one into another"], indirect=True)
def test_in_bounded_time_and_memory(path: str) -> None:
    """A document that explodes is refused before it does: within seconds, and in a few megabytes."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert told("beliefs", path).exit_code == 2
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 130_000


def test_the_kettle_is_sound() -> None:
    """The document that the others are made of has no problem."""
    assert told("lint", KETTLE).output == "1 documents, 0 problems\n"
