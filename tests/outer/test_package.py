"""What is built: every document and model in wheel and sdist, and a clean environment that works with either."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path.stem for path in (ROOT / "spec").glob("*.yaml"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder with a wheel and an sdist of this tree."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)], check=True, capture_output=True)
    return folder


def names(archive: pathlib.Path) -> set[str]:
    """The files in a wheel or an sdist, without the sdist's own folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {member.name.partition("/")[2] for member in sdist.getmembers()}


def test_wheel(built: pathlib.Path) -> None:
    """The wheel holds each document, its models and pollers, the grammar, the vocabulary and the report's own files."""
    held = names(next(built.glob("*.whl")))
    assert DOCUMENTS
    for document in DOCUMENTS:
        assert f"pollspec/spec/{document}.yaml" in held
        assert {f"pollspec/generated/{document}.py", f"pollspec/generated/pollers/{document}.py"} <= held
    for name in (
        "spec/contract.schema.json",
        "spec/README.md",
        "reports/page.css",
        "reports/report.schema.json",
        "reports/claim.schema.json",
        "py.typed",
    ):
        assert f"pollspec/{name}" in held
    assert not [name for name in held if name.startswith("tests/")]


def test_sdist(built: pathlib.Path) -> None:
    """The sdist holds each document and what a build needs."""
    held = names(next(built.glob("*.tar.gz")))
    for document in DOCUMENTS:
        assert f"spec/{document}.yaml" in held
    assert {
        "pyproject.toml",
        "LICENSE",
        "README.md",
        "spec/contract.schema.json",
        "src/pollspec/cli/__init__.py",
    } <= held


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_clean_environment(built: pathlib.Path, tmp_path: pathlib.Path, kind: str) -> None:
    """What was built runs one vendor's trial in an environment that holds nothing else, and leaves no file behind."""
    venv.create(tmp_path / "env", with_pip=True)
    binaries, work = tmp_path / "env" / "bin", tmp_path / "work"
    work.mkdir()
    archive = str(next(built.glob(kind)))
    subprocess.run([str(binaries / "pip"), "install", "--quiet", archive], check=True, capture_output=True)
    done = subprocess.run(
        [str(binaries / "pollspec"), "test", DOCUMENTS[0]], cwd=work, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert DOCUMENTS[0] in done.stdout
    assert not list(work.iterdir())
