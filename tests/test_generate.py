"""What is generated: as the documents say, the same on every machine; models are loyal to what was sent."""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import MISSING, BaseModel, ValidationError

from pollspec import generated, spec
from pollspec.cli import main
from pollspec.document import generator as generate
from pollspec.document.conditions import same
from pollspec.document.schemas import component
from pollspec.errors import UsageError
from tests.conftest import SIXTH, view

FOLDER = pathlib.Path(str(generated.__file__)).parent


@functools.cache
def made() -> dict[str, str]:
    """The modules of all known vendors, generated once."""
    return generate.modules(spec.names())


def model(vendor: str, name: str) -> type[BaseModel]:
    """One generated model."""
    found = getattr(importlib.import_module(f"{generated.__name__}.{vendor}"), name)
    assert isinstance(found, type)
    assert issubclass(found, BaseModel)
    return found


def samples() -> list[Any]:
    """Each example of a body, with the model of its schema."""
    listed = []
    for name in spec.names():
        for operation in view(name).operations.values():
            bodies = [(media["schema"], media["example"]) for media in operation.bodies.values()]
            bodies += [
                (response.schema, value) for response in operation.responses for value in response.examples.values()
            ]
            for index, (schema, value) in enumerate(bodies):
                listed.append(pytest.param(name, component(schema["$ref"]), value, id=f"{name}-{operation.id}-{index}"))
    return listed


def alike(one: Any, other: Any) -> bool:
    """Whether two JSON values say the same; date-times as instants, and nothing more or less in either."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return same(one, other)


def back(parsed: BaseModel) -> Any:
    """What a model sends on."""
    return json.loads(parsed.model_dump_json(by_alias=True))


@pytest.mark.parametrize(("vendor", "name", "value"), samples())
def test_samples_come_back(vendor: str, name: str, value: Any) -> None:
    """Every printed instance is parsed strictly, and is serialised to equal values."""
    parsed = model(vendor, name).model_validate_json(json.dumps(value), strict=True)
    assert alike(value, back(parsed)), back(parsed)


def test_as_generated() -> None:
    """The modules in the tree are those that the documents give."""
    assert generate.differences(made(), FOLDER) == []
    modules = {f"{name}.py" for name in spec.names()}
    pollers = {f"pollers/{name}" for name in {"__init__.py", "polling.py", "reading.py", "views.py", *modules}}
    assert set(made()) == {"__init__.py", *modules, *pollers}


def test_deterministic(tmp_path: pathlib.Path) -> None:
    """Another folder, another seed of Python's hashes, another locale: the same text."""
    script = "from pollspec.document import generator; print(*generator.modules(['keycard']).values(), sep='', end='')"
    environment = {**os.environ, "PYTHONHASHSEED": "42", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    wanted = ["keycard.py", *(f"pollers/{name}.py" for name in ("keycard", "polling", "reading", "views"))]
    assert done.stdout == "".join(made()[name] for name in wanted), done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", spec.names())
def test_a_docstring_says_where_it_comes_from(name: str) -> None:
    """A module says of which document it is, and of which version."""
    said = ast.get_docstring(ast.parse(made()[f"{name}.py"])) or ""
    assert f"models of {name}" in said
    assert f"version {view(name).document.content['info']['version']} " in said


@pytest.mark.parametrize(
    ("vendor", "name", "field"),
    [("keycard", "Task", field) for field in ("install_id", "error_message", "package_version", "links", "warnings")]
    + [
        ("logpresso_sonar", "Answer", "install_progress"),
        ("netapp_ontap", "Job", "code"),
        ("rocket_chat", "Error", "error"),
    ],
)
def test_optional_is_not_nullable(vendor: str, name: str, field: str) -> None:
    """An optional field may be left out, which is MISSING and stays so; null is no value of it."""
    value = copy.deepcopy(next(p.values[2] for p in samples() if p.values[:2] == (vendor, name)))
    value.pop(field, None)
    parsed = model(vendor, name).model_validate_json(json.dumps(value), strict=True)
    assert getattr(parsed, field) is MISSING
    assert field not in back(parsed)
    with pytest.raises(ValidationError):
        model(vendor, name).model_validate_json(json.dumps({**value, field: None}), strict=True)


def test_nullable_is_not_optional() -> None:
    """A nullable field may be null and must be there; null comes back as null."""
    node = {
        "node_name": "n",
        "node_guid": "b2c3d4e5-f678-9012-bcde-f12345678901",
        "node_type": "data",
        "node_progress": 0,
    }
    progress = model("logpresso_sonar", "NodeProgress")
    parsed = progress.model_validate_json(json.dumps({**node, "error_code": None}), strict=True)
    assert back(parsed)["error_code"] is None
    with pytest.raises(ValidationError):
        progress.model_validate_json(json.dumps(node), strict=True)


def test_optional_and_nullable() -> None:
    """A field that is both says which of the two it was."""
    task = model("ibm_qradar", "ApplicationCreationTask")
    for sent in ({}, {"error_messages": None}, {"error_messages": "no space"}):
        value = {"application_id": 42, "status": "ERROR", **sent}
        assert back(task.model_validate_json(json.dumps(value), strict=True)) == value


@pytest.mark.parametrize(
    ("vendor", "name", "changes"),
    [
        ("logpresso_sonar", "NodeProgress", {"node_type": "console"}),
        ("rocket_chat", "ImportProgress", {"step": "importer_something_new"}),
        ("netapp_ontap", "Job", {"state": "rolling_back"}),
        ("netapp_ontap", "Download", {"state": "waiting"}),
    ],
)
def test_open_lists(vendor: str, name: str, changes: dict[str, Any]) -> None:
    """An unknown value of an open list survives."""
    value = {
        "node_name": "n",
        "node_guid": "b2c3d4e5-f678-9012-bcde-f12345678901",
        "node_progress": 1,
        "error_code": None,
    }
    known: dict[str, dict[str, Any]] = {
        "ImportProgress": {"key": "k", "name": "n", "count": {"completed": 0, "total": 0}, "success": True},
        "Job": {"message": "m"},
        "Download": {},
    }
    sent = {**known.get(name, value), **changes}
    assert back(model(vendor, name).model_validate_json(json.dumps(sent), strict=True)) == sent


@pytest.mark.parametrize(("vendor", "name", "value"), samples())
def test_unknown_fields_survive(vendor: str, name: str, value: Any) -> None:
    """A field that the page does not name is kept as it was sent."""
    sent = {**value, "x_unknown": {"deep": [1, None]}}
    parsed = model(vendor, name).model_validate_json(json.dumps(sent), strict=True)
    assert alike(sent, back(parsed))


@pytest.mark.parametrize(
    ("vendor", "name", "changes"),
    [
        ("logpresso_sonar", "Answer", {"install_progress": None}),
        ("keycard", "Task", {"created_at": 1577470279}),
        ("keycard", "Task", {"operation": "update"}),
        ("ibm_qradar", "ApplicationCreationTask", {"application_id": "42"}),
        ("ibm_qradar", "ApplicationCreationTask", {"application_id": True}),
        ("rocket_chat", "ImportProgress", {"success": "yes"}),
        ("netapp_ontap", "DownloadRequest", {"url": ""}),
    ],
)
def test_strict(vendor: str, name: str, changes: dict[str, Any]) -> None:
    """What a page forbids is not parsed."""
    value = next(p.values[2] for p in samples() if p.values[:2] == (vendor, name))
    with pytest.raises(ValidationError):
        model(vendor, name).model_validate_json(json.dumps({**value, **changes}), strict=True)


def test_check(tmp_path: pathlib.Path) -> None:
    """--check writes nothing, and exits 1 with the difference where there is one."""
    run = CliRunner()
    first = run.invoke(main, ["generate", "rocket_chat", "--check", "--output", str(tmp_path / "none")])
    assert (first.exit_code, (tmp_path / "none").exists()) == (1, False)
    written = run.invoke(main, ["generate", "rocket_chat", "--output", str(tmp_path)])
    assert (written.exit_code, written.output.count("rocket_chat.py")) == (0, 2)
    assert written.output.endswith(" changed of 5 modules\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pollers", "rocket_chat.py"]
    clean = run.invoke(main, ["generate", "rocket_chat", "--check", "--output", str(tmp_path)])
    assert (clean.exit_code, clean.output) == (0, "5 modules are as generated\n")
    module = tmp_path / "rocket_chat.py"
    module.write_text(module.read_text(encoding="utf-8").replace("class Count(", "class Number("), encoding="utf-8")
    changed = run.invoke(main, ["generate", "rocket_chat", "--check", "--output", str(tmp_path)])
    assert changed.exit_code == 1
    assert "-class Number(BaseModel):\n+class Count(BaseModel):" in changed.output
    assert "class Number(" in module.read_text(encoding="utf-8")


def test_a_document_of_ones_own(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document by its path gives modules by its name, and touches no other."""
    done = CliRunner().invoke(main, ["generate", SIXTH, "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.rglob("*.py")) == [
        "polling.py",
        "reading.py",
        "sixth.py",
        "sixth.py",
        "views.py",
    ]
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("sixth")
    value = view(SIXTH).components["examples"]["Soaking"]["value"]
    parsed = module.FiringAnswer.model_validate_json(json.dumps(value), strict=True)
    assert alike(value, back(parsed))


def test_a_document_without_models(tmp_path: pathlib.Path) -> None:
    """Where no models can be made of a document, the error says what to type next."""
    path = tmp_path / "mine.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: Nothing, version: 1.0.0}\npaths: {}\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["generate", str(path), "--output", str(tmp_path)])
    assert done.exit_code == 2
    assert f"no models can be made of {path}" in done.output
    assert f"hint: pollspec lint {path}" in done.output


def test_without_the_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the generator is not installed, the error says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="not installed") as raised:
        generate.modules(["keycard"])
    assert raised.value.hint == "pip install 'pollspec[generate]'; in a clone: pip install '.[generate]'"


BODIES = """\
openapi: 3.1.0
info: {title: Jobs, version: 1.0.0}
paths:
  /jobs:
    get:
      operationId: jobs/list
      responses:
        "200":
          description: The jobs.
          content:
            application/json: {schema: {type: object, properties: {state: {$ref: "#/components/schemas/State"}}}}
        "404":
          description: None.
          content:
            application/json: {schema: {type: object, properties: {reason: {type: string}}}}
components:
  schemas:
    State: {type: string, enum: [new, done]}
    io.jobs.Job: {type: object, properties: {state: {type: string}, next: {$ref: "#/components/schemas/io.jobs.Job"}}}
    job: {type: object, properties: {a: {type: string}}}
    Job: {type: object, properties: {b: {type: string}}}
x-contract: {lifecycles: {}, subjects: {}}
"""


def test_no_model_is_dropped_in_silence(tmp_path: pathlib.Path) -> None:
    """Each body has a model, named or not, as has each schema; what is written out where it is used is said."""
    path = tmp_path / "jobs.yaml"
    path.write_text(BODIES, encoding="utf-8")
    done = CliRunner().invoke(main, ["generate", str(path), "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    tree = ast.parse((tmp_path / "jobs.py").read_text(encoding="utf-8"))
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert classes == {"JobsListAnswer", "JobsListRefusal", "IoJobsJob", "Job", "Job1"}
    assert "jobs: written out where they are used, without a class: State\n" in done.output
