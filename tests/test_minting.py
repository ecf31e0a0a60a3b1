"""What a start hands out fits the document, is another one each time, and the same in every run."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest

from pollspec.document.conditions import validator
from pollspec.document.loader import load
from pollspec.document.loader import view as viewed
from pollspec.document.vendor import Vendor
from pollspec.servers.minting import Minting
from pollspec.servers.polite import Mock
from tests.ovens import DOCUMENT, KEY

MANY = 40
SCHEMAS: dict[str, tuple[dict[str, Any], Any]] = {
    "a GUID": ({"type": "string", "format": "uuid"}, "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"),
    "a pattern with a prefix": ({"type": "string", "pattern": "^loaf_[a-z0-9]{12}$"}, "loaf_0a1b2c3d4e5f"),
    "a pattern without an end": ({"type": "string", "pattern": "^L[0-9]+"}, "L1"),
    "a pattern within bounds": ({"type": "string", "pattern": "^[A-Z]+$", "minLength": 6, "maxLength": 9}, "RISING"),
    "a pattern for what stands in no path": ({"type": "string", "pattern": "^.{4}$"}, "abcd"),
    "a number": ({"type": "integer"}, 7),
    "a number within bounds": ({"type": "integer", "minimum": 1000, "maximum": 1050}, 1000),
    "a number of steps": ({"type": "integer", "minimum": 3, "multipleOf": 5}, 5),
    "a short text": ({"type": "string", "maxLength": 12}, "abc"),
    "a long text": ({"type": "string", "minLength": 64, "maxLength": 64}, "a" * 64),
    "like a printed one": ({"type": "string"}, "loaf-1"),
}
PARAMETERS = [pytest.param(*one, id=name) for name, one in SCHEMAS.items()]


def baking(schema: dict[str, Any], printed: Any) -> Vendor:
    """The oven's document, whose loaves have identifiers of a schema, and one that is printed."""
    source = load(str(DOCUMENT)).document
    content = copy.deepcopy(source.content)
    content["components"]["schemas"]["Loaf"]["properties"]["id"] |= schema
    content["components"]["examples"]["Rising"]["value"]["id"] = printed
    content["paths"]["/loaves/{id}"]["get"]["parameters"][0] |= {"schema": schema, "example": printed}
    return viewed(dataclasses.replace(source, content=content))


@pytest.mark.parametrize(("schema", "printed"), PARAMETERS)
def test_fits_and_is_another_one_each_time(schema: dict[str, Any], printed: Any) -> None:
    """Each identifier satisfies the schema, none is given twice or stands on a test card; a run gives the same ones."""
    vendor = baking(schema, printed)
    start = vendor.lifecycles["baking"].start
    assert start is not None
    one, again = Minting(vendor, start), Minting(vendor, start)
    given = [one.new() for _ in range(MANY)]
    assert [value for value in given if not validator(schema, {}).is_valid(value)] == []
    assert len(set(given)) == MANY
    assert not {str(value) for value in given} & {
        str(value) for s in vendor.subjects.values() for value in s.given.values()
    }
    assert [again.new() for _ in range(MANY)] == given


def test_a_prefix_stays() -> None:
    """Where nothing but the printed identifier tells of a form, a new one looks alike."""
    vendor = baking({"type": "string"}, "loaf-1")
    start = vendor.lifecycles["baking"].start
    assert start is not None
    assert str(Minting(vendor, start).new()).startswith("loaf-")


@pytest.mark.parametrize(("schema", "printed"), PARAMETERS)
def test_what_is_handed_out_is_found(schema: dict[str, Any], printed: Any) -> None:
    """What a start hands out is shown under that identifier, also where it has capitals or is a number."""
    mock = Mock(baking(schema, printed))
    headers = (("X-Oven-Key", KEY), ("Content-Type", "application/json"))
    base = mock.vendor.base_path
    for _ in range(3):
        started = mock.respond("POST", f"{base}/loaves", "", headers, b'{"flour": "rye"}')
        minted = json.loads(started.content)["id"]
        shown = mock.respond("GET", f"{base}/loaves/{minted}", "", headers, b"")
        assert (shown.status, shown.reading.value["id"]) == (200, minted)
