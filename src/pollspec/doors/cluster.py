"""Dask distributed, where it is installed; and the scheduler of a cluster."""

from __future__ import annotations

import importlib
from typing import Any

from pollspec.errors import Unreachable, UsageError

PATIENCE = 20.0
"""Seconds that a scheduler has to answer."""


def dask(option: str) -> Any:
    """The module; UsageError where an option needs it and it is not there."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise UsageError(
            f"{option} needs Dask, which is not installed", "pip install 'pollspec[fleet]', or leave it out"
        ) from None


def connected(scheduler: str) -> Any:
    """A client of a scheduler."""
    distributed = dask("--scheduler")
    try:
        return distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"--scheduler {scheduler!r} does not answer: {type(error).__name__}",
            "dask scheduler; dask worker tcp://HOST:8786 --nthreads 4",
        ) from None
