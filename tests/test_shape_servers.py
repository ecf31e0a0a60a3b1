"""A small server for each shape, not ours: as it is it is let pass, and each thing planted in it is found."""

from __future__ import annotations

import importlib
import pathlib

import pytest

from pollspec.proof.prove import Task, run
from tests.test_shapes import SHAPES

FOLDER = str(pathlib.Path(__file__).parent / "shapes")
PLANTED = {
    f"{name}: {misdeed.name}": (name, misdeed)
    for name in SHAPES
    for misdeed in importlib.import_module(f"tests.shapes.{name}").MISDEEDS
}


@pytest.mark.parametrize("name", SHAPES)
def test_let_pass(name: str) -> None:
    """Nothing is found in a server that does what its document says, in its own way."""
    done = run(Task("server", SHAPES[name], "", FOLDER))
    assert (done.failed, done.objected) == ("", ())


@pytest.mark.parametrize("case", PLANTED)
def test_found(case: str) -> None:
    """What is wrong is found by the belief that speaks of it."""
    name, misdeed = PLANTED[case]
    done = run(Task("misdeed", SHAPES[name], misdeed.name, FOLDER))
    assert not done.failed
    assert f"{name}/{misdeed.breaks}" in done.objected
