"""`distinct`: no fault yet."""

from __future__ import annotations

from pollspec.servers.faults.fault import Derive

MISDEEDS: dict[str, Derive] = {}
