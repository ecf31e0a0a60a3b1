"""The pages that are generated are as the documents have them, and the README's commands are those that CI runs."""

from __future__ import annotations

import pathlib
import re

import httpx
import pytest
from click.testing import CliRunner

from pollspec import spec
from pollspec.cli import main
from pollspec.document.reading import load
from pollspec.proof import matrix
from pollspec.servers.polite import Mock
from tests.serving import served

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_cards() -> None:
    """docs/test-cards.md lists every card: `pollspec cards > docs/test-cards.md` writes it."""
    assert (ROOT / "docs" / "test-cards.md").read_text(encoding="utf-8") == CliRunner().invoke(main, ["cards"]).output


def test_the_test_command() -> None:
    """.ci/run runs the README's test command first."""
    commands = re.findall(r"```sh\n(python3 -m venv .*)\n```", README)
    assert len(commands) == 2
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert commands[1] in lines


def test_vendors() -> None:
    """The README's table has every known vendor, and the proof's numbers each of them."""
    table, _, proof = README.partition(matrix.BEGIN)
    for name in spec.names():
        assert f"](spec/{name}.yaml)" in table
        assert f"| {name} |" in proof


def test_the_poller(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's poller follows a task of the polite server to its redirect."""
    code = next(code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "TaskPoller" in code)
    mock = Mock(load("keycard"), polls=1)
    card = "/zones/z1/catalog_tasks/task-finished"
    assert mock.respond("GET", card, "", [], b"").status == 200  # so that the next poll is the last, and nobody waits
    with served(mock) as url:
        exec(code, {"httpx": httpx, "URL": url, "TOKEN": "a token"})
    assert capsys.readouterr().out == f"completed\n{url}/zones/z1/installs/i1\n"


def test_links() -> None:
    """Every file that the README and the vocabulary link to is there."""
    for page in (ROOT / "README.md", ROOT / "spec" / "README.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), link


def test_words() -> None:
    """The vocabulary's page has a row for each keyword that a document may use."""
    from pollspec.document.keywords import KEYWORDS

    page = (ROOT / "spec" / "README.md").read_text(encoding="utf-8")
    assert [word for word in KEYWORDS if f"| `{word}` |" not in page and f"`{word}`" not in page] == []
