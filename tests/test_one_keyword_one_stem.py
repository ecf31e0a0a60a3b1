"""One keyword, one stem: whoever adds a word is told which of its places are missing."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import pathlib
import re
from collections.abc import Iterator

import pytest

import pollspec
from pollspec import spec
from pollspec.document.keywords import KEYWORDS, Keyword
from pollspec.servers.faults import MISDEEDS

CODE = pathlib.Path(pollspec.document.__path__[0]).parent
README = (spec.FOLDER / "README.md").read_text(encoding="utf-8")
GRAMMAR = json.loads((spec.FOLDER / "contract.schema.json").read_text(encoding="utf-8"))
WRITTEN = GRAMMAR["$defs"]["operation"]["properties"]
AT_HOME = ("judge/keywords", "servers/faults")
"""The rooms where a keyword is spoken of by its name."""
ROWS = pytest.mark.parametrize("row", KEYWORDS.values(), ids=list(KEYWORDS))


def modules(room: str) -> set[str]:
    """The modules of a package."""
    return {path.stem for path in (CODE / room).glob("*.py")}


@ROWS
def test_its_judge(row: Keyword) -> None:
    """A keyword is judged in the file of its name."""
    judge = importlib.import_module(f"pollspec.judge.keywords.{row.stem}")
    assert judge.Judging.__module__ == judge.__name__
    assert f"`{row.name}`" in (judge.__doc__ or "")


@ROWS
def test_its_faults(row: Keyword) -> None:
    """A keyword has the faults that prove it in the file of its name, in another room."""
    faults = importlib.import_module(f"pollspec.servers.faults.{row.stem}")
    assert f"`{row.name}`" in (faults.__doc__ or "")
    assert faults.MISDEEDS
    assert [misdeed.name for misdeed in MISDEEDS[row.name]] == list(faults.MISDEEDS)


@ROWS
def test_its_row(row: Keyword) -> None:
    """A keyword has a row in the vocabulary, once."""
    assert len(re.findall(rf"^\| `{row.name}` \|", README, re.MULTILINE)) == 1


@ROWS
def test_its_grammar(row: Keyword) -> None:
    """A keyword that may be written has a grammar; one that is only derived has none."""
    assert (row.name in WRITTEN) is not row.derived
    if not row.derived:
        _, _, name = WRITTEN[row.name]["additionalProperties"]["$ref"].rpartition("/")
        assert set(row.entries) <= set(properties(GRAMMAR["$defs"][name]))


def properties(node: object) -> Iterator[str]:
    """The names that a schema declares, in whatever branch."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from properties(value)


def test_no_judge_of_nothing() -> None:
    """The judge's room holds keywords only; that of the faults has a fault's own files besides."""
    stems = {row.stem for row in KEYWORDS.values()}
    assert modules("judge/keywords") == stems | {"__init__"}
    assert modules("servers/faults") >= stems | {"__init__", "fault", "impolite"}


def test_nobody_else_knows_a_keyword() -> None:
    """Outside these two rooms nothing compares a keyword with a text: the table says what is to be known."""
    found = {str(path.relative_to(CODE)): list(comparisons(path)) for path in sorted(CODE.rglob("*.py"))}
    abroad = {name: lines for name, lines in found.items() if not name.startswith(AT_HOME)}
    assert {name: lines for name, lines in abroad.items() if lines} == {}
    assert len(abroad) > 100


def comparisons(path: pathlib.Path) -> Iterator[str]:
    """Where a module compares a keyword with a text, or takes it apart by texts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        compared: list[ast.expr] = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        if isinstance(node, ast.Match):
            compared = [
                node.subject,
                *(v.value for c in node.cases for v in ast.walk(c) if isinstance(v, ast.MatchValue)),
            ]
        if any(map(names_a_keyword, compared)) and any(map(has_a_text, compared)):
            yield ast.unparse(compared[0])


def names_a_keyword(node: ast.expr) -> bool:
    """Whether an expression is `keyword` or ends in `.keyword`."""
    return (isinstance(node, ast.Attribute) and node.attr == "keyword") or ast.unparse(node) == "keyword"


def has_a_text(node: ast.expr) -> bool:
    """Whether a keyword's name stands in an expression."""
    return any(isinstance(inner, ast.Constant) and inner.value in set(KEYWORDS) for inner in ast.walk(node))


@pytest.mark.parametrize(
    "line",
    ['belief.keyword == "echoes"', 'keyword in {"answers", "refuses"}', 'match b.keyword:\n    case "leads": pass'],
)
def test_a_comparison_is_found(tmp_path: pathlib.Path, line: str) -> None:
    """A comparison is found in each of the ways that it can be written."""
    module = tmp_path / "module.py"
    module.write_text(f"{line}\nother == 'echoes'\n", encoding="utf-8")
    assert len(list(comparisons(module))) == 1
