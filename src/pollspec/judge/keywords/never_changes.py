"""`never-changes`: values stay as they are along one instance."""

from __future__ import annotations

from typing import Any

from pollspec.document.conditions import same
from pollspec.judge.following import Following


class Judging(Following):
    """`values` stay what they are as soon as they are known. `once`: from an answer on that meets this."""

    expected = "as before,"

    def followed(self) -> list[str]:
        """Some values."""
        return list(self.says["values"])

    def breaks(self, earlier: Any, later: Any) -> bool | None:
        """Whether the later value is another one."""
        return not same(earlier, later)
