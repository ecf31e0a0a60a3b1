"""The generated pollers, graded: nothing that is asked of a client is broken by any of them."""

from __future__ import annotations

import functools
import pathlib

import pytest

from pollspec import generated, spec
from pollspec.grading.graded import Graded
from pollspec.grading.grading import asked, played
from pollspec.judge.verdict import Outcome
from tests.conftest import SIXTH, view
from tests.polled import package
from tests.pollers.generated import Generated
from tests.pollers.virtual import seen

PACKAGE = f"{generated.__name__}.pollers"
KINDS = pytest.mark.parametrize("kind", ["", "Async"], ids=["sync", "async"])


def grades(name: str, package: str, kind: str) -> tuple[int, dict[str, Outcome]]:
    """How much is asked of the poller of a document, and what it does not keep."""
    vendor = view(name)
    ledger = Graded(vendor, asked(vendor), ["client"])
    for play in played(vendor):
        ledger.take(seen(play, functools.partial(Generated, package, vendor.slug, kind)))
    found = ledger.verdicts()
    return len(found), {name: one.outcome for name, one in found.items() if one.outcome is not Outcome.KEPT}


@KINDS
@pytest.mark.parametrize("name", spec.names())
def test_the_generated_pollers_keep_everything(name: str, kind: str) -> None:
    """Every requirement is tried, and kept, a should among them."""
    number, lacking = grades(name, PACKAGE, kind)
    assert number >= 19
    assert lacking == {}


@KINDS
@pytest.mark.parametrize("name", ["sixth", "oven", "kettle"])
def test_so_does_that_of_any_document(
    name: str, kind: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poller of a document of one's own as well."""
    path = str(pathlib.Path(SIXTH).parent / f"{name}.yaml")
    folder = tmp_path / f"graded_{name}_{kind}"
    monkeypatch.syspath_prepend(tmp_path)
    number, lacking = grades(path, package(path, folder), kind)
    assert number >= 16
    assert lacking == {}
