"""The composite action, the GitLab job and the pre-commit hooks do what they say, as far as a shell can tell."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from pollspec.cli import main

ROOT = pathlib.Path(__file__).resolve().parent.parent


def read(name: str) -> Any:
    """A YAML file of the project."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def shell(script: str, folder: pathlib.Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, as its runner would start it."""
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "RUNNER_TEMP": str(folder), **variables}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def installed(tmp_path: pathlib.Path) -> pathlib.Path:
    """A runner's folder in which the first step has put this environment's command."""
    binaries = tmp_path / "pollspec" / "bin"
    binaries.mkdir(parents=True)
    command = shutil.which("pollspec", path=str(pathlib.Path(sys.executable).parent))
    assert command is not None
    (binaries / "pollspec").symlink_to(command)
    return tmp_path


def step(name: str) -> str:
    """The script of a step of the action."""
    steps = {step["name"]: step["run"] for step in read("action.yml")["runs"]["steps"]}
    return str(steps[name])


def inputs(**given: str) -> dict[str, str]:
    """The variables of the second step, from the action's defaults and what is given."""
    defaults = {name: entry["default"] for name, entry in read("action.yml")["inputs"].items()}
    names = {"vendor": "VENDOR", "url": "URL", "target": "TARGET", "arguments": "ARGUMENTS", "report-folder": "FOLDER"}
    return {f"POLLSPEC_{names[name]}": {**defaults, **given}[name] for name in names}


def test_action(installed: pathlib.Path) -> None:
    """The action tests a vendor, writes each report and fills the step summary."""
    summary = installed / "summary.md"
    told = inputs(vendor="rocket_chat", arguments="--max-examples 0 --require source")
    done = shell(step("Test"), installed, GITHUB_STEP_SUMMARY=str(summary), **told)
    assert done.returncode == 0, done.stdout + done.stderr
    written = {path.name for path in (installed / "pollspec-report").iterdir()}
    assert written == {"pollspec.html", "pollspec.xml", "pollspec.sarif", "pollspec.json"}
    assert json.loads((installed / "pollspec-report" / "pollspec.json").read_text())["exit_code"] == 0
    assert "getImportProgress" in summary.read_text(encoding="utf-8")


def test_action_says_no(installed: pathlib.Path) -> None:
    """What the command answers is what the action answers."""
    done = shell(
        step("Test"), installed, **inputs(vendor="rocket_chat", url="http://127.0.0.1:9", arguments="--max-time 20")
    )
    assert done.returncode == 3, done.stdout + done.stderr


def test_action_takes_words_as_words(installed: pathlib.Path) -> None:
    """Nothing that an input holds is run by the shell."""
    done = shell(step("Test"), installed, **inputs(vendor="$(touch owned)"))
    assert done.returncode == 2
    assert not (installed / "owned").exists()


def test_examples() -> None:
    """The commands of the examples have only options that exist."""
    gitlab = read("examples/gitlab-ci.yml")["pollspec"]["script"][-1]
    github = read("examples/github-workflow.yml")["jobs"]["pollspec"]["steps"][1]["with"]["arguments"]
    known = set(re.findall(r"--[a-z][a-z-]+", CliRunner().invoke(main, ["test", "--help"]).output))
    for words in (shlex.split(gitlab), shlex.split(github)):
        assert {word for word in words if word.startswith("--")} <= known


def options(*verb: str) -> set[str]:
    """The options of a verb."""
    return set(re.findall(r"--[a-z][a-z-]+", CliRunner().invoke(main, [*verb, "--help"]).output))


def test_fleets(tmp_path: pathlib.Path) -> None:
    """The jobs of a fleet are YAML; their commands have only options that exist, and name each shard once."""
    jobs = read("examples/github-fleet.yml")["jobs"]
    steps = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    shard, joint = steps["shard"][-1], steps["joint"][-1]
    text = (ROOT / "examples" / "kubernetes-fleet.yml").read_text(encoding="utf-8")
    indexed, last = (document["spec"] for document in yaml.safe_load_all(text))
    (one,), (other,) = (job["template"]["spec"]["containers"] for job in (indexed, last))
    for command in (shard, one["args"][0]):
        assert "test" in command and set(re.findall(r"--[a-z][a-z-]+", command)) <= options("test")
    for command in (joint, other["args"][0]):
        assert set(re.findall(r"--[a-z][a-z-]+", command)) <= options("report", "merge")
    assert jobs["shard"]["strategy"]["matrix"]["shard"] == list(range(1, 6)) and "/5 " in shard
    assert indexed["completionMode"] == "Indexed" and indexed["completions"] == 5
    told = one["args"][0].replace("pollspec test", "echo")
    said = [shell(told, tmp_path, JOB_COMPLETION_INDEX=str(index)).stdout for index in range(5)]
    assert [re.findall(r"--shard (\S+)", line) for line in said] == [[f"{number}/5"] for number in range(1, 6)]


def test_hooks() -> None:
    """Each pre-commit hook runs a command of ours that passes on this tree."""
    for hook in read(".pre-commit-hooks.yaml"):
        command, *words = shlex.split(hook["entry"])
        assert command == "pollspec"
        files = [] if hook.get("pass_filenames") is False else [str(ROOT / "spec" / "keycard.yaml")]
        done = CliRunner().invoke(main, [*words, *files])
        assert done.exit_code == 0, done.output
