"""Batches of requests: one is validated, in progress, then completed; it can be cancelled, which takes a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from . import Answering, Asked, Misdeed, Told, moment

MISDEEDS = (
    Misdeed("counts-some-twice", "getBatch/at-most/counted", "More are completed and failed than there are."),
    Misdeed("counts-back", "getBatch/never-decreases/completed", "Half-way there are fewer completed than before."),
    Misdeed("ends-early", "getBatch/only-when/not-ended", "A batch in progress has an end."),
    Misdeed("never-says-when", "getBatch/only-when/began", "A batch in progress has no beginning."),
    Misdeed("begins-anew", "getBatch/never-changes/began", "The beginning is that of the request."),
    Misdeed("ignores-the-cancel", "cancelBatch/moves/cancel", "A batch that was cancelled goes on."),
    Misdeed("cancels-what-is-over", "cancelBatch/moves/cancel", "To cancel a completed batch is accepted."),
    Misdeed("comes-to-life", "getBatch/lifecycle/moves", "A batch that was seen completed is validated again."),
    Misdeed("mixes-up", "getBatch/echoes/id", "The id is that of another batch."),
    Misdeed("loses-what-it-starts", "createBatch/hands-over/batch", "A batch that was created is not found."),
    Misdeed("open-to-all", "getBatch/refuses/stranger", "No key is asked for."),
)
CREDENTIALS = {"default": {"X-Key": "sesame"}, "invalid": {"X-Key": "barley"}}
SUBJECTS = {"completed": {"id": "batch_a1"}, "failed": {"id": "batch_b2"}, "unknown": {"id": "batch_zz"}}
BODIES: dict[str, dict[str, Any]] = {"createBatch": {"input": "file-7"}}


@dataclass
class _Batch:
    """A batch; `began`, `cancelled`: the seconds of its order and of its cancelling."""

    name: str
    valid: bool = True
    began: float | None = None
    cancelled: float | None = None
    seen: bool = False


class Server(Answering):
    """Two batches that begin when they are first asked for, and those that are created."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.batches = {"batch_a1": _Batch("batch_a1"), "batch_b2": _Batch("batch_b2", valid=False)}

    def answer(self, asked: Asked) -> Told:
        """A batch, or why not."""
        if asked.headers.get("x-key") != "sesame" and not self.does("open-to-all"):
            return Told(401, {"message": "no key fits"})
        match asked.method, *asked.path.strip("/").split("/"):
            case "POST", "batches":
                return self._created(asked.body)
            case "GET", "batches", name if name in self.batches:
                return Told(200, self._shown(self.batches[name]))
            case "POST", "batches", name, "cancel" if name in self.batches:
                return self._cancel(self.batches[name])
        return Told(404, {"message": "not found"})

    def _created(self, body: Any) -> Told:
        if not isinstance(body, dict) or not isinstance(body.get("input"), str):
            return Told(400, {"message": "input is a text"})
        made = _Batch(f"batch_n{len(self.batches)}", began=self.clock())
        if not self.does("loses-what-it-starts"):
            self.batches[made.name] = made
        return Told(200, self._shown(made))

    def _cancel(self, batch: _Batch) -> Told:
        if self._status(batch) not in {"validating", "in_progress"} and not self.does("cancels-what-is-over"):
            return Told(409, {"message": "too late"})
        told = self._shown(batch)
        if self._status(batch) in {"validating", "in_progress"} and not self.does("ignores-the-cancel"):
            batch.cancelled = self.clock()
            told = self._shown(batch)
        return Told(200, {**told, "status": "cancelling"})

    def _share(self, batch: _Batch) -> float:
        batch.began = self.clock() if batch.began is None else batch.began
        now = self.clock() if batch.cancelled is None else batch.cancelled
        return min(1.0, (now - batch.began) / self.duration)

    def _status(self, batch: _Batch) -> str:
        share = self._share(batch)
        if batch.cancelled is not None:
            return "cancelled" if self.clock() - batch.cancelled > self.duration / 4 else "cancelling"
        if share < 0.25:
            return "validating"
        if not batch.valid:
            return "failed"
        return "completed" if share >= 1 else "in_progress"

    def _shown(self, batch: _Batch) -> dict[str, Any]:
        status = self._status(batch)
        if status == "completed" and batch.seen and self.does("comes-to-life"):
            batch.began, status = self.clock(), "validating"
        batch.seen = batch.seen or status == "completed"
        ran = self._share(batch) >= 0.25 and batch.valid
        began = self.clock() if self.does("begins-anew") else (batch.began or 0.0) + self.duration / 4
        over = status in {"completed", "failed", "cancelled"} or (status == "in_progress" and self.does("ends-early"))
        silent = self.does("never-says-when") or not ran
        return {
            "id": f"{batch.name}9" if self.does("mixes-up") else batch.name,
            "counts": self._counts(batch) if ran else {"total": 40, "completed": 0, "failed": 0},
            "status": status,
            "began_at": None if silent else moment(began),
            "ended_at": moment((batch.began or 0.0) + 2 * self.duration) if over else None,
            "window": "24h",
        }

    def _counts(self, batch: _Batch) -> dict[str, int]:
        share = self._share(batch)
        completed = int(38 * share)
        if 0.5 < share < 1 and self.does("counts-back"):
            completed = int(38 * (1 - share))
        failed = 2 if share > 0.5 else 0
        return {"completed": completed + (10 if self.does("counts-some-twice") else 0), "failed": failed, "total": 40}
