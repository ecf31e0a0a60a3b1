"""Schemas, however they are composed: each property is a belief once, and each error of a body belongs to one."""

from __future__ import annotations

import json
import pathlib
from dataclasses import dataclass, field
from typing import Any

import pytest

from pollspec.document import loader, source
from pollspec.document.messages import read
from pollspec.document.vendor import Vendor
from pollspec.judge.bodies import Bodies
from pollspec.proof.prove import Task, run
from pollspec.servers.faults import derive
from pollspec.servers.variations import VARIATIONS
from tests.composed import MENAGERIE, composed
from tests.conftest import view


def to(name: str) -> dict[str, str]:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
BASE = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "minLength": 2}}}
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "name": TEXT}}
DOG = {
    "type": "object",
    "required": ["kind", "bark"],
    "properties": {"kind": {"const": "dog"}, "name": TEXT, "bark": NUMBER},
}
BODY = "the body"


@dataclass(frozen=True)
class Case:
    """A schema. `beliefs`: its properties; `bodies`: each with whom its errors belong to, and where they are."""

    schema: Any
    beliefs: str
    bodies: list[tuple[Any, dict[str, str]]]
    named: dict[str, Any] = field(default_factory=dict)


CASES = {
    "a named schema": Case(
        to("Base"),
        "Base.id",
        [({"id": "aa"}, {}), ({"id": "a"}, {"Base.id": "/id"}), ({}, {"Base.id": "/id"}), ([], {BODY: ""})],
        {"Base": BASE},
    ),
    "a schema without a name": Case(
        {"type": "object", "properties": {"id": TEXT}}, "200.id", [({"id": 1}, {"200.id": "/id"}), (7, {BODY: ""})]
    ),
    "an object without a name": Case(
        {"properties": {"a": {"properties": {"b": {"properties": {"c": TEXT}}}}}},
        "200.a 200.a.b 200.a.b.c",
        [({"a": {"b": {"c": 1}}}, {"200.a.b.c": "/a/b/c"})],
    ),
    "an alias": Case(to("Alias"), "Base.id", [({"id": "a"}, {"Base.id": "/id"})], {"Alias": to("Base"), "Base": BASE}),
    "allOf": Case(
        to("Derived"),
        "Derived.x Base.id",
        [
            ({"id": "aa", "x": 1}, {}),
            ({"id": "a", "x": "s"}, {"Base.id": "/id", "Derived.x": "/x"}),
            ({}, {"Base.id": "/id", "Derived.x": "/x"}),
            (7, {BODY: ""}),
        ],
        {"Base": BASE, "Derived": {"properties": {"x": NUMBER}, "allOf": [to("Base"), {"required": ["x"]}]}},
    ),
    "allOf in allOf": Case(
        {"allOf": [{"allOf": [{"properties": {"a": TEXT}}, {"allOf": [to("Base")]}]}]},
        "200.a Base.id",
        [({"a": 1, "id": "a"}, {"200.a": "/a", "Base.id": "/id"})],
        {"Base": BASE},
    ),
    "one property twice under one name": Case(
        {"allOf": [{"properties": {"a": TEXT}}, {"properties": {"a": {"minLength": 2}}}]},
        "200.a",
        [({"a": 1}, {"200.a": "/a"}), ({"a": "x"}, {"200.a": "/a"}), ({"a": "xx"}, {})],
    ),
    "$ref with siblings": Case(
        {**to("Base"), "required": ["more"], "properties": {"more": NUMBER, "id": {"maxLength": 3}}},
        "200.more 200.id Base.id",
        [
            ({"id": "a", "more": 1}, {"Base.id": "/id"}),
            ({"id": "aaaa"}, {"200.id": "/id", "200.more": "/more"}),
            ({"id": "aa", "more": "x"}, {"200.more": "/more"}),
        ],
        {"Base": BASE},
    ),
    "a property that is a $ref with siblings": Case(
        {"properties": {"child": {**to("Base"), "maxProperties": 1, "properties": {"own": TEXT}}}},
        "200.child 200.child.own Base.id",
        [
            ({"child": {"id": "a"}}, {"Base.id": "/child/id"}),
            ({"child": {"id": "aa", "own": 1}}, {"200.child": "/child", "200.child.own": "/child/own"}),
        ],
        {"Base": BASE},
    ),
    "a property that may be null": Case(
        {"properties": {"pet": {"anyOf": [to("Cat"), {"type": "null"}]}}},
        "200.pet Cat.kind Cat.name",
        [
            ({"pet": None}, {}),
            ({"pet": {"kind": "cat", "name": 1}}, {"Cat.name": "/pet/name"}),
            ({"pet": {}}, {"Cat.kind": "/pet/kind"}),
            ({"pet": 7}, {"200.pet": "/pet"}),
        ],
        {"Cat": CAT},
    ),
    "oneOf": Case(
        {"oneOf": [to("Cat"), to("Dog")]},
        "Cat.kind Cat.name Dog.kind Dog.name Dog.bark",
        [
            ({"kind": "cat", "name": "Tom"}, {}),
            ({"kind": "dog", "bark": 1, "name": 7}, {"Dog.name": "/name"}),
            ({"kind": "dog", "name": "Rex"}, {"Dog.bark": "/bark"}),
            ({"kind": "cat", "name": 7}, {"Cat.name": "/name"}),
            ([], {BODY: ""}),
        ],
        {"Cat": CAT, "Dog": DOG},
    ),
    "oneOf, of which two are met": Case(
        {"oneOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]},
        "200.a 200.b",
        [({"a": "x", "b": "x"}, {BODY: ""}), ({"a": 1, "b": "x"}, {})],
    ),
    "anyOf beside properties": Case(
        {
            "properties": {"k": TEXT},
            "required": ["k"],
            "anyOf": [{"required": ["a"]}, {"properties": {"b": NUMBER}, "required": ["b"]}],
        },
        "200.k 200.b",
        [
            ({"k": "x", "a": 1}, {}),
            ({"k": "x", "b": 1}, {}),
            ({"a": 1}, {"200.k": "/k"}),
            ({"k": "x", "b": "1"}, {BODY: "/a"}),
        ],
    ),
    "if, then, else": Case(
        {
            "properties": {"k": NUMBER},
            "if": {"properties": {"k": {"const": 1}}},
            "then": {"properties": {"a": TEXT}},
            "else": {"properties": {"b": TEXT}},
        },
        "200.k 200.a 200.b",
        [({"k": 1, "a": 1, "b": 1}, {"200.a": "/a"}), ({"k": 2, "a": 1, "b": 1}, {"200.b": "/b"})],
    ),
    "dependentSchemas": Case(
        {"properties": {"a": TEXT}, "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": TEXT}}}},
        "200.a 200.b",
        [({"a": "x"}, {"200.b": "/b"}), ({"b": 1}, {}), ({"a": "x", "b": 1}, {"200.b": "/b"})],
    ),
    "properties by a pattern, and all others": Case(
        {"properties": {"n": TEXT}, "patternProperties": {"^x-": NUMBER}, "additionalProperties": to("Cat")},
        "200.n 200.^x- 200.* Cat.kind Cat.name",
        [
            ({"n": 1, "x-a": "s"}, {"200.n": "/n", "200.^x-": "/x-a"}),
            ({"tom": {"kind": "cat", "name": 1}}, {"Cat.name": "/tom/name"}),
            ({"tom": {}}, {"Cat.kind": "/tom/kind"}),
            ({"tom": 7}, {"200.*": "/tom"}),
        ],
        {"Cat": CAT},
    ),
    "unevaluatedProperties": Case(
        {"allOf": [{"properties": {"a": TEXT}}], "unevaluatedProperties": NUMBER},
        "200.* 200.a",
        [({"a": "x", "b": 1}, {}), ({"b": "x"}, {"200.*": ""}), ({"a": 1}, {"200.a": "/a"})],
    ),
    "no other properties": Case(
        {"properties": {"a": TEXT}, "additionalProperties": False},
        "200.a",
        [({"a": "x"}, {}), ({"b": 1}, {BODY: ""}), ({"a": 1, "b": 1}, {"200.a": "/a", BODY: ""})],
    ),
    "items and prefixItems": Case(
        {
            "properties": {
                "list": {"prefixItems": [{"properties": {"a": TEXT}}, to("Cat")], "items": {"properties": {"b": TEXT}}}
            }
        },
        "200.list 200.list.item.b 200.list.0.a Cat.kind Cat.name",
        [
            (
                {"list": [{"a": 1}, {"kind": "cat", "name": 1}, {"b": 1}]},
                {"200.list.0.a": "/list/0/a", "Cat.name": "/list/1/name", "200.list.item.b": "/list/2/b"},
            ),
            ({"list": [{"b": 1}]}, {}),
        ],
        {"Cat": CAT},
    ),
    "a list as a whole": Case(
        {"type": "array", "items": to("Base")},
        "Base.id",
        [([{"id": "aa"}, {"id": "a"}], {"Base.id": "/1/id"}), ([{}], {"Base.id": "/0/id"}), ({}, {BODY: ""})],
        {"Base": BASE},
    ),
    "a schema that holds itself": Case(
        to("Node"),
        "Node.v Node.kids",
        [({"v": 1, "kids": [{"v": 2, "kids": [{"v": "x"}]}]}, {"Node.v": "/kids/0/kids/0/v"})],
        {"Node": {"type": "object", "properties": {"v": NUMBER, "kids": {"type": "array", "items": to("Node")}}}},
    ),
    "a list that holds itself": Case(
        to("List"), "", [([[[]]], {}), ([[7]], {BODY: "/0/0"})], {"List": {"type": "array", "items": to("List")}}
    ),
    "a $ref into a schema": Case(
        {"properties": {"one": {"$ref": "#/components/schemas/Outer/properties/in~1ner"}}},
        "200.one Outer.in/ner.x",
        [({"one": {"x": 1}}, {"Outer.in/ner.x": "/one/x"})],
        {"Outer": {"properties": {"in/ner": {"type": "object", "properties": {"x": TEXT}}}}},
    ),
    "a $ref out of the components": Case(
        {
            "properties": {
                "again": {"$ref": "#/paths/~1thing/get/responses/200/content/application~1json/schema"},
                "x": TEXT,
            }
        },
        "200.again 200.x",
        [({"again": {"again": {"x": 1}}}, {"200.x": "/again/again/x"})],
    ),
    "names that a pointer escapes": Case(
        {"properties": {"a/b": TEXT, "~": {"properties": {"200": TEXT}}, "007": NUMBER}},
        "200.a/b 200.~ 200.~.200 200.007",
        [
            ({"a/b": 1}, {"200.a/b": "/a/b"}),
            ({"~": {"200": 1}}, {"200.~.200": "/~/200"}),
            ({"007": "x"}, {"200.007": "/7"}),
        ],
    ),
    "true and false": Case(
        {"properties": {"any": True, "none": False}},
        "200.any 200.none",
        [({"any": {"x": 1}}, {}), ({"none": 1}, {"200.none": "/none"})],
    ),
    "a named schema called as the answer is": Case(
        {"properties": {"x": to("200")}},
        "200.body.x 200.y",
        [({"x": {"y": 1}}, {"200.y": "/x/y"}), ({"x": 1}, {"200.body.x": "/x"})],
        {"200": {"type": "object", "properties": {"y": TEXT}}},
    ),
}
BODIES = [
    pytest.param(case, body, whose, id=f"{name}-{body}") for name, case in CASES.items() for body, whose in case.bodies
]


def schema_of(vendor: Vendor) -> Any:
    """The schema of the one answer."""
    return vendor.operations["getThing"].responses[0].schema


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_property_is_a_belief(case: Case) -> None:
    """Every property that is reached from an answer's schema has its belief: none is lost, and none stands twice."""
    vendor = composed(case.schema, **case.named)
    assert [belief.name for belief in vendor.beliefs if belief.keyword == "schema"] == case.beliefs.split()


@pytest.mark.parametrize(("case", "body", "whose"), BODIES)
def test_each_error_belongs_to_somebody(case: Case, body: Any, whose: dict[str, str]) -> None:
    """An error of a body belongs to the innermost property whose schema is broken; else it is the body's own."""
    vendor = composed(case.schema, **case.named)
    found = Bodies(vendor.schemas, schema_of(vendor)).breaches(read(json.dumps(body).encode()), projected=False)
    assert {identifier or BODY: breach.place for identifier, breach in found.items()} == whose


@pytest.mark.parametrize(("case", "body", "whose"), BODIES)
def test_presence_is_what_is_typed(case: Case, body: Any, whose: dict[str, str]) -> None:
    """The compiled walk finds the properties that the plain one does, and the places of the plain one lead there."""
    vendor = composed(case.schema, **case.named)
    typed = list(vendor.schemas.typed(schema_of(vendor), body))
    assert vendor.schemas.presence(schema_of(vendor))(body) == {prop.id for prop, _, _ in typed}
    assert not whose.keys() - {BODY} - {belief.name for belief in vendor.beliefs}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (["list"], "200.list"),
        (["list", 0, "a"], "200.list.0.a"),
        (["list", "1", "name"], "Cat.name"),
        (["list", 5, "b", "deeper", 3], "200.list.item.b"),
        (["list", 1, "unknown"], "200.list"),
        (["unknown"], None),
        ([], None),
    ],
)
def test_at(path: list[str | int], owner: str | None) -> None:
    """The innermost declared property on the way of an instance path, whatever comes after it."""
    case = CASES["items and prefixItems"]
    vendor = composed(case.schema, **case.named)
    found = vendor.schemas.at(schema_of(vendor), path)
    assert (found.id if found else None) == owner


def test_resolve() -> None:
    """What a node says of every value but null is one schema object: what stands outside comes first."""
    named = {"Base": {"type": "string", "minLength": 2, "description": "Inner."}, "Alias": to("Base")}
    vendor = composed({"properties": {"x": True}}, **named)
    several = {"anyOf": [{"type": "null"}, {"allOf": [to("Alias"), {"maxLength": 9}]}], "description": "Outer."}
    owner, node = vendor.schemas.resolve(several)
    assert node == {"type": "string", "minLength": 2, "maxLength": 9, "description": "Outer."}
    assert vendor.schemas.resolve(to("Alias")) == ("Base", named["Base"])
    assert vendor.schemas.resolve({"oneOf": [{"enum": [1]}, {"enum": [2]}]})[1] == {}
    assert owner == ""


SENTENCE = {"x-source": "Its own sentence."}
NAMED = {"x-observed": "That of the named schema."}


@pytest.mark.parametrize(
    ("prop", "named", "grade", "words"),
    [
        ({**to("Status"), **SENTENCE}, NAMED, "source", "Its own sentence."),
        (to("Status"), NAMED, "observed", "That of the named schema."),
        ({"allOf": [to("Status")]}, NAMED, "observed", "That of the named schema."),
        ({"anyOf": [to("Status"), {"type": "null"}]}, NAMED, "observed", "That of the named schema."),
        ({"oneOf": [to("Status"), {"type": "integer"}]}, NAMED, "implied", "That of the owner."),
        (to("Status"), {}, "implied", "That of the owner."),
        ({"type": "array", "items": to("Status")}, NAMED, "implied", "That of the owner."),
    ],
    ids=str,
)
def test_the_sentence_at_the_place_that_is_broken(prop: Any, named: Any, grade: str, words: str) -> None:
    """A property quotes its own sentence, else that of the schema it refers to, else that of its owner."""
    owner = {"type": "object", "x-implied": "That of the owner.", "properties": {"status": prop}}
    vendor = composed(to("Progress"), Progress=owner, Status={"type": "string", **named})
    (belief,) = [belief for belief in vendor.beliefs if belief.keyword == "schema"]
    assert (belief.grade, belief.words) == (grade, words)


def test_a_part_without_a_name_quotes_what_it_is_a_part_of() -> None:
    """A property of an object without a name quotes the nearest sentence above it."""
    inner = {"type": "object", "properties": {"b": TEXT}}
    owner = {"x-source": "Far.", "properties": {"a": {"type": "array", "items": inner, "x-observed": "Near."}}}
    vendor = composed(to("Owner"), Owner=owner)
    words = {belief.name: belief.words for belief in vendor.beliefs if belief.keyword == "schema"}
    assert words == {"Owner.a": "Near.", "Owner.a.item.b": "Near."}


FAULTS = [fault.id for fault in derive(view(MENAGERIE))]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_composed_document_is_caught(fault: str) -> None:
    """What goes wrong with any property is found by its belief, also under a class of statuses and under `default`."""
    result = run(Task("fault", MENAGERIE, fault))
    assert result.holds, (result.guard, result.objected, result.failed)


@pytest.mark.parametrize("variation", VARIATIONS)
def test_no_variation_of_a_composed_document_is_slandered(variation: str) -> None:
    """Whatever a composed document leaves open raises no finding."""
    result = run(Task("variation", MENAGERIE, variation, examples=4))
    assert result.holds, (result.objected, result.failed)


def test_a_composed_document_proves_what_its_samples_show() -> None:
    """Each belief has a fault; one on a branch has it by the sample that shows the branch, whichever that is."""
    assert unproved(view(MENAGERIE)) == set()
    text = pathlib.Path(MENAGERIE).read_text(encoding="utf-8").replace("                cat: {value:", "#")
    found = loader.view(source.parse(text, "menagerie", "menagerie.yaml"))
    assert unproved(found) == {f"menagerie/getAnimal/schema/Cat.{name}" for name in ("kind", "name", "lives")}


def unproved(vendor: Vendor) -> set[str]:
    """The beliefs that no fault breaks."""
    return {belief.id for belief in vendor.beliefs} - {fault.belief.id for fault in derive(vendor)}
