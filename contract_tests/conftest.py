"""The contract tests' options and fixtures."""

from __future__ import annotations

pytest_plugins = ("pollspec.doors.plugin",)
