"""Legal variations: each changes something, and none is slandered."""

from __future__ import annotations

import functools
import pathlib

import pytest

from pollspec import spec
from pollspec.proof.prove import Result, Task, run
from pollspec.servers.variations import VARIATIONS
from pollspec.servers.variations.variation import Variation
from tests.conftest import SIXTH

SMALL = [str(pathlib.Path(SIXTH).with_name(name)) for name in ("kettle.yaml", "render.yaml")]


@functools.cache
def result(vendor: str, variation: str) -> Result:
    """A whole trial against a server that varies so."""
    return run(Task("variation", vendor, variation, examples=4))


@pytest.mark.parametrize("variation", VARIATIONS)
def test_not_slandered(variation: str) -> None:
    """Each variation applies to one of the documents at least, and there nothing objects but what names it.

    `pollspec prove` runs each of them with every document.
    """
    for vendor in [*SMALL, SIXTH, *spec.names()]:
        found = result(vendor, variation)
        if found.applies:
            assert found.holds, (vendor, found.objected, found.failed)
            return
    pytest.fail("applies nowhere")


def test_an_excuse() -> None:
    """A belief that names a variation deviates under it, and that is no failure."""
    found = result("ibm_qradar", "every-state")
    assert (
        list(found.excused)
        == list(found.objected)
        == ["ibm_qradar/getApplicationCreationTask/only-when/reason-of-an-error"]
    )
    assert found.holds


def test_what_changes_nothing_does_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another document that is played as the first one counts for nothing."""
    monkeypatch.setitem(VARIATIONS, "nothing", Variation("nothing", "the document itself", plays=lambda vendor: vendor))
    assert not run(Task("variation", SMALL[0], "nothing", examples=4)).applies


@pytest.mark.parametrize("name", spec.names())
def test_another_course_is_another_course(name: str) -> None:
    """A server that jumps, lingers or never ends answers otherwise than the one that does as the document plays it."""
    assert all(result(name, variation).applies for variation in ("at-once", "jumps", "lingers", "never-ends"))
