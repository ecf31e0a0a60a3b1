"""`never-decreases`: a value does not go back along one instance."""

from __future__ import annotations

from typing import Any

from pollspec.document.conditions import exceeds
from pollspec.judge.following import Following


class Judging(Following):
    """`value` does not go back; of a list, its length. `unless`: an answer that meets this ends the comparison."""

    expected = "at least"

    def followed(self) -> list[str]:
        """One value."""
        return [self.says["value"]]

    def breaks(self, earlier: Any, later: Any) -> bool | None:
        """Whether the later value is less."""
        return exceeds(_size(earlier), _size(later))


def _size(value: Any) -> Any:
    return len(value) if isinstance(value, list) else value
