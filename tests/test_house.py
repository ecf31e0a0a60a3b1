"""The house keeps its own rules: no vendor in the code, small rooms, a word on everything."""

from __future__ import annotations

import ast
import json
import pathlib
import re
import tokenize
import tomllib
from collections.abc import Iterator

import pytest

from pollspec import spec

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOUSE = {"pollspec": ROOT / "src" / "pollspec", "pollspec.contract_tests": ROOT / "contract_tests"}
CODE = sorted(path for folder in HOUSE.values() for path in folder.rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py"))
PRODUCTS = re.compile(r"sonar|logpresso|qradar|rocket|keycard|ontap|netapp|\bibm\b", re.IGNORECASE)
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "core", "engine", "manager", "misc"}
OPEN = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|type: ?ignore|noqa|pragma: no cover")
LONGEST = 300
"""Lines of a module; it feels right at a hundred."""


def names(paths: list[pathlib.Path]) -> list[str]:
    """Their paths, for ids."""
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", CODE, ids=names(CODE))
def test_no_vendor_in_the_code(path: pathlib.Path) -> None:
    """No vendor and no product of one is named in src/ or contract_tests/: neither in code nor in comments."""
    assert PRODUCTS.findall(path.read_text(encoding="utf-8")) == []
    assert not PRODUCTS.search(path.name)
    assert not [name for name in spec.names() if name in path.read_text(encoding="utf-8")]


def test_no_vendor_in_data_that_ships_with_the_code() -> None:
    """Nor in a schema or a style sheet beside it, nor in the grammar of x-contract."""
    shipped = [path for path in HOUSE["pollspec"].rglob("*") if path.suffix in {".json", ".css", ".html"}]
    for path in [*shipped, ROOT / "spec" / "contract.schema.json", ROOT / "spec" / "__init__.py"]:
        assert PRODUCTS.findall(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize("path", CODE, ids=names(CODE))
def test_modules_are_small_and_well_named(path: pathlib.Path) -> None:
    """No module is long, and none is called after what it is not."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert not FORBIDDEN & {path.stem, path.parent.name}


@pytest.mark.parametrize("path", CODE, ids=names(CODE))
def test_every_public_thing_has_a_word(path: pathlib.Path) -> None:
    """Every module, public class and public function says in its docstring what it is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body
    assert [node.name for node in public(tree) if not ast.get_docstring(node)] == []


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """The public functions and classes of a module; a protocol's own docstring speaks for its functions."""
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef) and "Protocol" not in map(ast.unparse, child.bases):
                yield from public(child)


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=names([*CODE, *TESTS]))
def test_nothing_is_left_open(path: pathlib.Path) -> None:
    """No comment puts something off, and none silences a tool; no test is skipped."""
    with tokenize.open(path) as stream:
        tokens = list(tokenize.generate_tokens(stream.readline))
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    assert [comment for comment in comments if OPEN.search(comment)] == []
    marks = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
    kinds = [mark.value for mark in marks if mark.attr == "Exception"]  # of an exception that is looked at
    skipped = [ast.unparse(mark) for mark in marks if mark not in kinds]
    skipped = [mark for mark in skipped if re.fullmatch(r"pytest\.(mark\.)?(skip|skipif|xfail)", mark)]
    assert skipped == ["pytest.skip"] * (path.stem == "plugin")


@pytest.mark.parametrize("path", TESTS, ids=names(TESTS))
def test_every_test_states_a_fact(path: pathlib.Path) -> None:
    """A test's docstring is a sentence; none sleeps. What is tested may: a poller waits by trade."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            said = ast.get_docstring(node) or ""
            assert re.search(r"[.?!]$", said), f"{path}: {node.name}"
            assert not re.match(r"(?:Tests?|Checks?) ", said), f"{path}: {node.name}"
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert "time.sleep" not in calls or path.parent.name in {"pollers", "clients"}


def project() -> dict[str, object]:
    """pyproject.toml as data."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_dependency_has_a_reason() -> None:
    """Every dependency stands on a line of its own, with a range and the reason why it is there."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = project()["project"]
    assert isinstance(listed, dict)
    wanted = [
        *listed["dependencies"],
        *(one for several in listed["optional-dependencies"].values() for one in several),
    ]
    for requirement in wanted:
        line = next(line for line in text.splitlines() if line.strip().startswith(json.dumps(requirement)))
        assert re.search(r"\S", line.partition("# ")[2]), requirement
        assert re.search(r"[<=]", requirement) or requirement.startswith("pollspec["), requirement


def test_every_package_ships() -> None:
    """Every folder of the code with an __init__.py is a package of the distribution, and no other is."""
    tool = project()["tool"]
    assert isinstance(tool, dict)
    wanted = {"pollspec.spec", "pollspec.generated", "pollspec.generated.pollers"}
    for name, folder in HOUSE.items():
        inits = [path.parent.relative_to(folder) for path in folder.rglob("__init__.py")]
        wanted |= {".".join([name, *inner.parts]) for inner in inits}
    assert set(tool["setuptools"]["packages"]) == wanted


def test_no_registry_is_named() -> None:
    """No file of the project names a package registry's host."""
    registries = re.compile("|".join(("pypi" + r"\.org", "npmjs" + r"\.org", "python" + "hosted")))
    kinds = {".py", ".toml", ".yaml", ".yml", ".md", ".ini", ".json", ".cfg"}
    files = [path for path in ROOT.rglob("*") if path.suffix in kinds and path.is_file()]
    files = [path for path in files if not any(part.startswith(".") for part in path.relative_to(ROOT).parts[:-1])]
    assert [path for path in files if registries.search(path.read_text(encoding="utf-8"))] == []
