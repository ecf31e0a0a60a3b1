"""What is asked of a client: one table. Each row follows from any document, or is not there."""

from __future__ import annotations

from pollspec.grading.requirements import ending, pacing, reading, sending
from pollspec.grading.requirements.requirement import Level, Requirement

REQUIREMENTS: dict[str, Requirement] = {
    row.name: row for room in (sending, pacing, ending, reading) for row in room.rows()
}
"""By name."""

__all__ = ["REQUIREMENTS", "Level", "Requirement"]
