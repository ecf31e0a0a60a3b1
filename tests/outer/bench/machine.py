"""Where it was measured, and with what."""

from __future__ import annotations

import os
import pathlib
import platform
from collections.abc import Iterator
from importlib.metadata import version

WITH = ("pollspec", "schemathesis", "hypothesis", "jsonschema-rs", "msgspec", "uvicorn", "h11", "httpx")


def lines() -> Iterator[str]:
    """The machine and the versions, in Markdown."""
    cores, memory = os.cpu_count() or 1, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield f"- {_model()}, {cores} cores, {memory:.0f} GB"
    yield f"- {platform.system()} {platform.release()}, Python {platform.python_version()}"
    yield f"- {', '.join(f'{name} {version(name)}' for name in WITH)}"


def _model() -> str:
    """The processor's name, where the system tells."""
    try:
        said = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in said if line.startswith("model name")), platform.machine())
