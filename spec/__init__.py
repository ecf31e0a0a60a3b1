"""The five documents: what each vendor's page says, by hand. The only place where a vendor is described."""

from __future__ import annotations

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent


def names() -> list[str]:
    """The known vendors, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str) -> str:
    """The text of a vendor's document; KeyError for an unknown name."""
    if name not in names():
        raise KeyError(name)
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
