"""Target files for tests: written, and read."""

from __future__ import annotations

import pathlib
import sys

from pollspec.masks import Masks
from pollspec.trial.settings import Settings
from pollspec.trial.targetfile import read
from tests.conftest import view

URL = 'base_url = "https://host.example:8443"\n'


def given(folder: pathlib.Path, text: str, vendor: str) -> tuple[str, Settings, Masks]:
    """What is read from a target file."""
    path = folder / "target.toml"
    path.write_text(text, encoding="utf-8")
    return read(str(path), view(vendor))


def settings(folder: pathlib.Path, text: str, vendor: str) -> Settings:
    """The settings of a target file, after its base URL."""
    return given(folder, URL + text, vendor)[1]


def command(code: str) -> str:
    """A TOML text: a command line that runs some Python without quotes."""
    return f"'''{sys.executable} -c \"{code}\"'''"
