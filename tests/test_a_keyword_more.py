"""A keyword is added by its row, its judge, its faults, its grammar and its words; and nothing else knows of it."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from pollspec.document import keywords
from tests import ovens

ROOT = pathlib.Path(__file__).parent.parent
ROW = '        Keyword("never-empty", Scope.EXCHANGE),\n'
GRAMMAR = '        "never-empty": {"type": "object", "additionalProperties": {"$ref": "#/$defs/never-empty"}},\n'
SHAPE = """    "never-empty": {
      "allOf": [{"$ref": "#/$defs/belief"}, {"$ref": "#/$defs/statement"}],
      "required": ["value"],
      "unevaluatedProperties": false,
      "properties": {"value": {"$ref": "#/$defs/expression"}}
    },
"""
JUDGE = '''"""`never-empty`: a text holds something."""

from pollspec.document import expressions
from pollspec.judge.monitor import Monitor
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """`value` is no empty text."""

    def see(self, sight):
        value = expressions.value(self.says["value"], sight.request, sight.answer)
        if isinstance(value, str):
            self.tally.take(None if value else Finding("something", "an empty text", sight.exchange))
'''
FAULTS = '''"""`never-empty`: a text is empty."""

from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Fault, concerned


def _empties(misdeed, vendor, belief):
    def act(scene):
        return put(scene, belief.says["value"], "") if concerned(scene, belief) else None

    yield Fault(misdeed, belief, "shows an empty text", act=act)


MISDEEDS = {"says-nothing": _empties}
'''
BELIEF = """        never-empty:
          id:
            claim: A loaf's id is no empty text.
            implied: an empty one names nothing
            value: $response.body#/id
        echoes:
          id:
            claim: The loaf repeats its id."""


@pytest.fixture
def house(tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of the house, as a wheel lays it out, and a document with a belief of a word that it does not know."""
    copied = tmp_path / "house" / "pollspec"
    ours = pathlib.Path(keywords.__file__).parent.parent
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ours, copied, ignore=skipped)
    for room in ("spec", "generated", "contract_tests"):
        shutil.copytree(ROOT / room, copied / room, dirs_exist_ok=True, ignore=skipped)
    text = ovens.DOCUMENT.read_text(encoding="utf-8")
    old = "        echoes:\n          id:\n            claim: The loaf repeats its id."
    assert text.count(old) == 1
    (tmp_path / "mine.yaml").write_text(text.replace(old, BELIEF), encoding="utf-8")
    return copied


def add(house: pathlib.Path) -> None:
    """Add the keyword in its places."""
    put(house / "document" / "keywords.py", '        Keyword("at-most",', ROW)
    put(house / "spec" / "contract.schema.json", '        "at-most": {"type": "object", "additionalProp', GRAMMAR)
    put(house / "spec" / "contract.schema.json", '    "at-most": {\n', SHAPE)
    (house / "judge" / "keywords" / "never_empty.py").write_text(JUDGE)
    (house / "servers" / "faults" / "never_empty.py").write_text(FAULTS)


def put(path: pathlib.Path, before: str, text: str) -> None:
    """Put a text before another one, which stands once in a file."""
    content = path.read_text(encoding="utf-8")
    assert content.count(before) == 1, (path, before)
    path.write_text(content.replace(before, text + before), encoding="utf-8")


def said(house: pathlib.Path, *words: str) -> tuple[int, str]:
    """The exit code of a command of that house, and what it says."""
    environment = {**os.environ, "PYTHONPATH": str(house.parent)}
    command = [sys.executable, "-m", "pollspec", *words, str(house.parent.parent / "mine.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_added_and_removed(house: pathlib.Path) -> None:
    """It is unknown; once added it is judged, played and proved like any other; taken away, it is unknown again."""
    code, told = said(house, "lint")
    assert code == 1 and "never-empty" in told
    kept = [path.read_bytes() for path in (house / "document" / "keywords.py", house / "spec" / "contract.schema.json")]
    add(house)
    assert said(house, "lint") == (0, "1 documents, 0 problems\n")
    code, told = said(house, "test", "--only", "mine/getLoaf/never-empty")
    assert code == 0 and "1 kept" in told
    code, told = said(house, "faults")
    assert code == 0 and "says-nothing" in told
    code, told = said(house, "prove")
    assert "never-empty" not in told.partition("not proved")[0].partition("| all |")[2]
    (house / "document" / "keywords.py").write_bytes(kept[0])
    (house / "spec" / "contract.schema.json").write_bytes(kept[1])
    (house / "judge" / "keywords" / "never_empty.py").unlink()
    (house / "servers" / "faults" / "never_empty.py").unlink()
    code, told = said(house, "lint")
    assert code == 1 and "never-empty" in told
