"""The pollers of a document: what follows from it, as a module; and the modules that every poller stands on."""

from __future__ import annotations

from importlib import resources

from pollspec.document.pollers.module import text

__all__ = ["runtime", "text"]
RUNTIME = ("polling.py", "reading.py", "views.py")


def runtime() -> dict[str, str]:
    """The modules that every poller stands on, word for word as they stand here, by their path in the folder."""
    here = resources.files(__name__)
    return {f"pollers/{name}": (here / name).read_text(encoding="utf-8") for name in RUNTIME}
