"""What follows from a document though no entry says it: only what something could break, and each thing once."""

from __future__ import annotations

import pathlib

import pytest

from pollspec import spec
from pollspec.document import loader, source
from pollspec.document.vendor import Vendor
from pollspec.proof.prove import Task, run
from pollspec.servers.polite import Mock
from tests.conftest import SIXTH, view
from tests.exchanges import ask

KETTLE = str(pathlib.Path(SIXTH).parent / "kettle.yaml")


def derived(vendor: Vendor, keyword: str) -> set[str]:
    """The beliefs of a keyword, as operation and name."""
    return {f"{belief.operation}/{belief.name}" for belief in vendor.beliefs if belief.keyword == keyword}


@pytest.mark.parametrize("name", [*spec.names(), SIXTH, KETTLE])
def test_each_once(name: str) -> None:
    """A code that several beliefs mention with one status is believed once."""
    ids = [belief.id for belief in view(name).beliefs]
    assert len(ids) == len(set(ids))


def test_a_code_of_two_statuses() -> None:
    """A code that beliefs expect with two statuses belongs to neither."""
    text = pathlib.Path(SIXTH).read_text(encoding="utf-8")
    old = "when: {$statusCode: 404}\n            mentions: 4040"
    assert "getFiring/4040" in derived(view(SIXTH), "status")
    assert text.count(old) == 1
    other = loader.view(source.parse(text.replace(old, old.replace("404}", "410}")), "sixth", SIXTH))
    assert "getFiring/4040" not in derived(other, "status")


def test_a_parameter_that_says_about_whom(sixth: Vendor) -> None:
    """A parameter that a subject gives is no way of asking for one thing."""
    assert derived(sixth, "alike") == {"getFiring/views"}
    drying = sixth.operations["getDrying"]
    assert [parameter.name for parameter in sixth.omissible(drying)] == ["room"]
    assert sixth.optional(drying) == []


def test_no_two_starts_are_about_one_thing(sixth: Vendor) -> None:
    """That a login stays accepted is believed of what is asked about a thing, not of starts."""
    assert derived(sixth, "accepts") == {
        *(f"{name}/allowed" for name in ("getFiring", "getKiln", "getDrying")),
        *(f"{name}/login" for name in ("getFiring", "getKiln", "getDrying")),
    }


def test_without_credentials() -> None:
    """Where a document has no credentials, whoever asks is right, and faults misdeal with everybody."""
    name = "answers-otherwise:getKettle/answers/unknown:$statusCode"
    assert run(Task("fault", KETTLE, name)).holds


def test_a_polite_link_leads_somewhere() -> None:
    """The polite server has something where it has led, and nothing beside it."""
    vendor = view("keycard")
    server = Mock(vendor, clock=lambda: 0.0, polls=1)
    path = f"{vendor.base_path}/zones/z1/catalog_tasks/task-finished"
    answers = [ask(server, path, {}) for _ in range(3)]
    link = next(str(value) for name, value in answers[-1].headers if name.lower() == "location")
    assert ask(server, f"{vendor.base_path}{link}", {}).status == 200
    assert ask(server, f"{vendor.base_path}{link}0", {}).status == 404
