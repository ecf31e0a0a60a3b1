"""Legal variations: each changes something, and none is slandered."""

from __future__ import annotations

import functools

import pytest

from pollspec import spec
from pollspec.proof.prove import Result, Task, run
from pollspec.servers.variations import VARIATIONS
from tests.conftest import SIXTH


@functools.cache
def result(vendor: str, variation: str) -> Result:
    """A whole trial against a server that varies so."""
    return run(Task("variation", vendor, variation, examples=4))


@pytest.mark.parametrize("variation", VARIATIONS)
def test_not_slandered(variation: str) -> None:
    """Each variation applies to one of the documents at least, and there nothing objects but what names it."""
    for vendor in [*spec.names(), SIXTH]:
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
