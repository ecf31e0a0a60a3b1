"""`pollspec diff`: each kind of change between two versions of a document, whom it breaks, what version it asks for."""

from __future__ import annotations

import json
import pathlib

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pollspec import spec
from pollspec.cli import main
from pollspec.document import diff, loader, source
from pollspec.document.diff.change import Direction
from pollspec.document.diff.schemas import Comparison
from pollspec.document.vendor import Vendor
from tests.conftest import SIXTH, view

KETTLE = pathlib.Path(__file__).parent / "documents" / "kettle.yaml"
TEXT = KETTLE.read_text(encoding="utf-8")
TEXT = TEXT.replace("enum: [cold, warm, boils]", "enum: [cold, warm, boils, off]")
S, C, BOTH, NOBODY = ("servers",), ("clients",), ("servers", "clients"), ()
ENUM, DEGREES = "enum: [cold, warm, boils, off]", "        degrees: {type: integer, minimum: 0, maximum: 100}\n"
NAME = "- {name: name, in: path, required: true, schema: {type: string}, example: red}\n"
COLOUR = "        - {name: colour, in: query, schema: {type: string}}\n"
SEEN = "seen: {claim: It is seen., source: so it is, when: {$statusCode: 200}, expect: {$response.body#/state: true}}\n"
UNKNOWN, COLDER, BOILS = "getKettle/answers/unknown", "getKettle/never-decreases/degrees", "getKettle/only-when/boils"
ANSWER = '        "404":\n          description: No such kettle.\n'

CHANGES: dict[str, tuple[str, str, str, str, tuple[str, ...]]] = {
    "an enum loses": (ENUM, "enum: [cold, warm, boils]", "tightened", "Kettle.state", S),
    "an enum gains": (ENUM, "enum: [cold, warm, boils, off, odd]", "loosened", "Kettle.state", C),
    "an enum is other": (ENUM, "enum: [cold, warm, boils, odd]", "changed", "Kettle.state", BOTH),
    "a bound": ("maximum: 100", "maximum: 90", "tightened", "Kettle.degrees", S),
    "a bound is gone": (", maximum: 100", "", "loosened", "Kettle.degrees", C),
    "a pattern": ("state: {", "state: {pattern: '^[a-z]+$', ", "tightened", "Kettle.state", S),
    "a type": ("degrees: {type: integer", "degrees: {type: number", "loosened", "Kettle.degrees", C),
    "another type": ("degrees: {type: integer", "degrees: {type: string", "changed", "Kettle.degrees", BOTH),
    "required": ("required: [state]", "required: [state, degrees]", "tightened", "Kettle", S),
    "a property is gone": (DEGREES, "", "loosened", "Kettle.degrees", C),
    "a property is new": (
        DEGREES, DEGREES + DEGREES.replace("degrees", "litres"), "added", "getKettle/schema/Kettle.litres", NOBODY,
    ),
    "a belief is new": (
        "          unknown: {c", f"          {SEEN}          unknown: {{c", "added", "getKettle/answers/seen", S,
    ),
    "a belief of ours is new": (
        "          unknown: {c", f"          {SEEN.replace('source', 'implied')}          unknown: {{c",
        "added", "getKettle/answers/seen", NOBODY,
    ),
    "a claim": ("It does not get colder.", "It gets no colder.", "reworded", COLDER, NOBODY),
    "a reason": ("implied: it is on", "implied: it is still on", "reworded", COLDER, NOBODY),
    "a grade rises": ("implied: physics", "source: physics", "regraded", BOILS, S),
    "a grade changes": ("implied: physics", "observed: physics", "regraded", BOILS, NOBODY),
    "a name": ("  boils: {claim", "  boiling: {claim", "renamed", "getKettle/only-when/boiling", NOBODY),
    "an expectation": ("expect: {$statusCode: 404}", "expect: {$statusCode: [404, 410]}", "loosened", UNKNOWN, C),
    "one clause more": ("then: {$response", "then: {$statusCode: 200, $response", "tightened", BOILS, S),
    "may be absent": ("degrees: 100}", "degrees: {absent-or: 100}}", "loosened", BOILS, C),
    "more rarely": ("when: {$response", "when: {$statusCode: 200, $response", "loosened", BOILS, C),
    "unless": ("implied: physics,", "implied: physics, unless: {$statusCode: 204},", "loosened", BOILS, C),
    "what it is of": ("value: $response.body#/degrees", "value: $response.body#/state", "changed", COLDER, BOTH),
    "what is played": ("plays: {status: 404}", "plays: {status: 410}", "reworded", UNKNOWN, NOBODY),
    "an optional parameter": (NAME, NAME + COLOUR, "added", "getKettle colour (query)", NOBODY),
    "a required parameter": (
        NAME, NAME + COLOUR.replace("query,", "query, required: true,"), "added", "getKettle colour (query)", C,
    ),
    "what may be asked": (
        "schema: {type: string}, example", "schema: {type: string, maxLength: 9}, example",
        "tightened", "getKettle name (path)", C,
    ),
    "an answer is gone": (ANSWER, ANSWER.replace("404", "410"), "loosened", "getKettle 404", C),
    "a stage may be followed": ("then: [warm]", "then: [warm, boils]", "loosened", "lifecycle heating.cold", C),
    "the pace": ("polls: {every: 1}", "polls: {every: 2}", "changed", "lifecycle heating", BOTH),
    "an operation's name": ("getKettle", "showKettle", "renamed", "showKettle", NOBODY),
    "the path": ("/kettles/{name}", "/pots/{name}", "changed", "getKettle", BOTH),
    "a card": ("description: A kettle that boils.", "description: A red kettle.", "reworded", "the document", NOBODY),
}  # fmt: skip


def kettle(old: str = "", new: str = "", version: str = "1.0.0") -> Vendor:
    """The kettle's document with a change in it."""
    text = TEXT.replace("version: 1.0.0", f"version: {version}")
    assert old in text
    return loader.view(source.parse(text.replace(old, new) if old else text, "kettle", "kettle.yaml"))


def edited(name: str) -> Vendor:
    """The kettle's document with one of the changes."""
    return kettle(*CHANGES[name][:2])


@pytest.mark.parametrize("name", CHANGES)
def test_each_kind_of_change(name: str) -> None:
    """A change is told by what it is and whom it breaks; nothing that breaks anybody is told beside it."""
    _, _, kind, of, breaks = CHANGES[name]
    found = diff.compared(kettle(), edited(name)).changes
    assert (kind, of, breaks) in {(change.kind, change.of, change.breaks) for change in found}
    other = {change.of for change in found if change.breaks} - {of}
    assert other <= ({"getKettle 410"} if name == "an answer is gone" else set())


TURNED = {"tightened": "loosened", "loosened": "tightened", "added": "dropped", "dropped": "added"}


@pytest.mark.parametrize("name", CHANGES)
def test_backwards_it_is_the_contrary(name: str) -> None:
    """From new to old, what was tightened is loosened, what was added is dropped, and breaks the others."""
    there = {c.kind for c in diff.compared(kettle(), edited(name)).changes if c.kind in TURNED}
    back = {c.kind for c in diff.compared(edited(name), kettle()).changes if c.kind in TURNED}
    assert {TURNED[kind] for kind in there} == back or name.startswith("a property")


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_nothing_has_changed(name: str) -> None:
    """A document against itself is no change, and its own version fits."""
    found = diff.compared(view(name), loader.load(name))
    assert (list(found.changes), found.fits) == ([], True)


@pytest.mark.parametrize(
    ("change", "old", "least"),
    [
        ("an enum loses", "1.4.2", "2.0.0"),
        ("an enum loses", "0.4.2", "0.5.0"),
        ("a property is new", "1.4.2", "1.5.0"),
        ("a grade changes", "1.4.2", "1.5.0"),
        ("a claim", "1.4.2", "1.4.3"),
        ("a card", "1.4.2", "1.4.3"),
    ],
)
def test_the_version_that_is_asked_for(change: str, old: str, least: str) -> None:
    """What breaks somebody asks for a major version, what is worded otherwise for a patch, the rest for a minor one."""
    before, after = CHANGES[change][:2]
    for version, fits in ((old, False), (least, True), ("9.0.0", True)):
        found = diff.compared(kettle(version=old), kettle(before, after, version))
        assert (found.least, found.fits) == (least, fits)


def run(*words: str, given: str | None = None) -> Result:
    """The command."""
    return CliRunner().invoke(main, ["diff", *words], input=given)


def test_the_command_is_a_gate(tmp_path: pathlib.Path) -> None:
    """1 where the version is too low, 0 where it fits; the old document may come from a pipe or a file of any name."""
    changed = TEXT.replace("maximum: 100", "maximum: 90")
    (tmp_path / "new.yaml").write_text(changed, encoding="utf-8")
    (tmp_path / "good.yaml").write_text(changed.replace("version: 1.0.0", "version: 2.0.0"), encoding="utf-8")
    (tmp_path / "old").write_text(TEXT, encoding="utf-8")
    done = run("-", str(tmp_path / "new.yaml"), given=TEXT)
    assert done.exit_code == 1
    assert "tightened  Kettle.degrees" in done.output and "servers   maximum 100 is now 90" in done.output
    assert "version 1.0.0: these changes ask for 2.0.0 at least" in done.output
    done = run(str(tmp_path / "old"), str(tmp_path / "good.yaml"), "--json")
    assert done.exit_code == 0
    (one,) = json.loads(done.output)["changes"]
    assert (one["kind"], one["breaks"], one["level"]) == ("tightened", ["servers"], "major")
    assert one["where"].startswith(f"{tmp_path / 'good.yaml'}:")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["keycard", "nowhere"], "nowhere cannot be read: No such file"),
        (["-", "keycard"], "no OpenAPI 3.1 document"),
        (["keycard", "keycrd.yaml"], "cannot be read"),
    ],
)
def test_what_is_no_document(words: list[str], said: str) -> None:
    """What cannot be read is an error of usage, and named."""
    done = run(*words, given="nothing")
    assert done.exit_code == 2 and said in done.output


def test_a_version_that_is_none() -> None:
    """A document whose version is not semantic fails the gate, and is told what was expected."""
    found = diff.compared(kettle(), kettle(version="next"))
    assert not found.fits and "expected a semantic one" in found.as_text()


# --- schemas

SCHEMAS = st.recursive(
    st.sampled_from([True, {"type": "string"}, {"type": "integer", "minimum": 3}, {"enum": [1, "a"]}, {"const": 1}]),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from("ab"), inner)}),
        st.fixed_dictionaries({"not": inner}),
        st.lists(inner, min_size=1, max_size=3).map(lambda several: {"anyOf": several}),
    ),
    max_leaves=6,
)
TURN = {Direction.TIGHTENED: Direction.LOOSENED, Direction.LOOSENED: Direction.TIGHTENED}


@given(SCHEMAS, SCHEMAS)
def test_schemas_backwards(old: object, new: object) -> None:
    """Of any two schemas, a difference is the contrary of the one backwards; of one and the same there is none."""

    def ways(one: object, other: object) -> list[Direction]:
        found = [way for _, way, said in Comparison({}, {}).of(one, other, "") if "no longer in" not in said]
        return sorted(found)

    assert not [*Comparison({}, {}).of(old, json.loads(json.dumps(old)), "")]
    if "properties" not in json.dumps([old, new]):
        assert sorted(TURN.get(way, way) for way in ways(old, new)) == ways(new, old)


def test_schemas_that_refer() -> None:
    """A component is compared where it is named, once, though it refers to itself; its name is told."""
    node = {"properties": {"next": {"$ref": "#/components/schemas/Node"}, "n": {"type": "integer"}}}
    other = {"properties": {**node["properties"], "n": {"type": "integer", "maximum": 3}}}
    one, two = ({"components": {"schemas": {"Node": schema}}} for schema in (node, other))
    reference = {"$ref": "#/components/schemas/Node"}
    (found,) = Comparison(one, two).of({"items": reference}, {"items": reference}, "x")
    assert found == ("Node.n", Direction.TIGHTENED, "maximum 3 is new")


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}, "loosened"),
        ({"type": ["a", "b"]}, {"type": ["b", "a"]}, None),
        ({"const": 1}, {"enum": [1, 2]}, "loosened"),
        ({"required": []}, {}, None),
        ({"multipleOf": 2}, {"multipleOf": 4}, "tightened"),
        ({"multipleOf": 2}, {"multipleOf": 3}, "changed"),
        ({"additionalProperties": False}, {}, "loosened"),
        ({"additionalProperties": {"type": "string"}}, {"additionalProperties": False}, "tightened"),
        ({"pattern": "a"}, {"pattern": "b"}, "changed"),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "loosened"),
        ({"allOf": [{"minimum": 1}]}, {"allOf": [{"minimum": 1}, {"maximum": 3}]}, "tightened"),
        ({"oneOf": [{"minimum": 1}]}, {"oneOf": [{"minimum": 1}, {"maximum": 3}]}, "changed"),
        ({"not": {"enum": [1]}}, {"not": {"enum": [1, 2]}}, "tightened"),
        ({"minLength": 3}, {"minLength": 2}, "loosened"),
        ({"uniqueItems": True}, {"uniqueItems": False}, "loosened"),
        ({"title": "a", "x-source": "b"}, {"description": "c"}, None),
        (True, False, "tightened"),
        ({}, True, None),
        (True, {"type": "string"}, "tightened"),
        ({"if": {}, "then": {}}, {"if": {}, "then": {"minimum": 1}}, "changed"),
    ],
)
def test_words_of_schemas(old: object, new: object, way: str | None) -> None:
    """Each word goes the way that its meaning has; where one does not know which, it has changed."""
    assert [str(one) for _, one, _ in Comparison({}, {}).of(old, new, "")] == ([way] if way else [])
