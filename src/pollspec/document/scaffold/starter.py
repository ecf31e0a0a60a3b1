"""What `pollspec scaffold` writes: the document, and a beginning of tests."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Iterator

from pollspec.document.lint import examine
from pollspec.document.loader import load
from pollspec.document.scaffold import scaffold
from pollspec.document.source import parse
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError

CONFTEST = '''"""The polite server of pollspec, for the tests in this folder."""

pytest_plugins = ["pollspec.pytest"]
'''
TESTS = '''"""A server is held to {name}, and so is whatever a client of yours sees of it."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

DOCUMENT = str(Path(__file__).parent / {document})
TARGET = [os.environ[name] for name in ("CONTRACT_URL",) if name in os.environ]  # without one: an embedded server


def test_the_server_keeps_its_contract():
    run = [sys.executable, "-m", "pollspec", "test", DOCUMENT, *TARGET]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_client_reads_what_is_answered(polite_server):
    server = polite_server(DOCUMENT)
    request = urllib.request.Request(server.url + {path}, headers=server.headers)
    assert urllib.request.urlopen(request).status == 200  # call your client here; the models: pollspec generate
    assert server.findings == []
'''


def start(openapi: str, operations: tuple[str, ...], output: str | None, tests: str | None) -> Iterator[str]:
    """Write what is asked for, and say what was written; the document itself, where it goes to no file."""
    if tests and not output:
        raise UsageError("--tests needs --output", "the tests read the document from its file: --output FILE")
    target = pathlib.Path(output) if output else None
    folder = pathlib.Path(tests) if tests else None
    files = [target, *(folder / name for name in ("conftest.py", "test_contract.py"))] if folder else [target]
    for file in filter(None, files):
        if file.exists():
            raise UsageError(f"{file} is there already", "give another name, or remove it first")
    if target is not None and target.suffix not in {".yaml", ".yml"}:
        raise UsageError(f"{target} is no name of a document: it ends in .yaml", f"--output {target.stem}.yaml")
    text = scaffold(openapi, operations)
    if target is None:
        yield text
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    guesses = text.count("# guess: ")
    yield f"{target}: {len(operations)} operations, {guesses} guesses (each with a comment: guess)"
    yield from (f"to be mended: {problem}" for problem in examine(parse(text, target.stem, str(target))))
    if folder is not None:
        yield from _tests(load(str(target)), target, folder)
    yield f"next: pollspec test {target}"


def _tests(vendor: Vendor, target: pathlib.Path, folder: pathlib.Path) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    document = os.path.relpath(target.resolve(), folder.resolve())
    text = TESTS.format(name=target.name, document=json.dumps(document), path=json.dumps(_path(vendor)))
    (folder / "test_contract.py").write_text(text, encoding="utf-8")
    yield f"{folder}: conftest.py, test_contract.py"


def _path(vendor: Vendor) -> str:
    """The path of a request that the polite server answers."""
    operation = next((one for one in vendor.operations.values() if one.id in _seen(vendor)), None)
    operation = operation or next(iter(vendor.operations.values()))
    path = operation.path
    for parameter in operation.parameters:
        path = path.replace(f"{{{parameter.name}}}", str(parameter.example))
    return path


def _seen(vendor: Vendor) -> set[str]:
    return {name for lifecycle in vendor.lifecycles.values() for name in lifecycle.views}
