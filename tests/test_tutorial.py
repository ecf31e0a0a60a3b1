"""The tutorial does what it says: its files are written, its commands are run, its answers are given."""

from __future__ import annotations

import pathlib
import re
import shlex
import subprocess
import sys

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "your-own-api.md"
BLOCK = re.compile(r"^```(yaml|console) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Each command of a block, and the lines that it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return found


def replaced(text: str, keyword: str, new: str) -> str:
    """A contract with other words in the place of a guess of a keyword."""
    guess = re.compile(rf"^        # guess: [^\n]*\n        {keyword}:\n(?:          [^\n]*\n)+", re.MULTILINE)
    assert len(guess.findall(text)) == 1
    return guess.sub(lambda _: new, text)


def test_the_tutorial(tmp_path: pathlib.Path) -> None:
    """From the page to the proof, in an empty folder; each command prints the lines that stand below it."""
    run = 0
    for kind, name, content in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "yaml" and name.startswith("in-place-of "):
            contract = tmp_path / "contract.yaml"
            told = replaced(contract.read_text(encoding="utf-8"), name.removeprefix("in-place-of "), content)
            contract.write_text(told, encoding="utf-8")
        elif kind == "yaml":
            (tmp_path / name).write_text(content, encoding="utf-8")
        for command, lines in commands(content) if kind == "console" else ():
            words = [sys.executable, "-m", *shlex.split(command)]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
            assert done.returncode == 0, f"{command}: {done.stdout[-800:]}{done.stderr}"
            assert set(lines) <= set(done.stdout.splitlines()), f"{command}: {done.stdout[-800:]}"
            run += 1
    assert run == 10
