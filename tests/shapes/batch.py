"""Batches of requests: one is validated, in progress, then completed; it can be cancelled, which takes a while."""

from __future__ import annotations

from typing import Any, ClassVar

from . import Asked, Misdeed, Told, Work, Working, moment

MISDEEDS = (
    Misdeed("counts-some-twice", "getBatch/at-most/counted", "More are completed and failed than there are."),
    Misdeed("goes-back", "getBatch/never-decreases/completed", "Half-way there are fewer completed than before."),
    Misdeed("ends-early", "getBatch/only-when/not-ended", "A batch in progress has an end."),
    Misdeed("never-says-when", "getBatch/only-when/began", "A batch in progress has no beginning."),
    Misdeed("begins-anew", "getBatch/never-changes/began", "The beginning is that of the request."),
    Misdeed("ignores-the-cancel", "cancelBatch/moves/cancel", "A batch that was cancelled goes on."),
    Misdeed("cancels-what-is-over", "cancelBatch/moves/cancel", "To cancel a completed batch is accepted."),
    Misdeed("runs-again", "getBatch/lifecycle/moves", "A batch that was seen completed is in progress again."),
    Misdeed("mixes-up", "getBatch/echoes/id", "The id is that of another batch."),
    Misdeed("loses-what-it-starts", "createBatch/hands-over/batch", "A batch that was created is not found."),
    Misdeed("open-to-all", "getBatch/refuses/stranger", "No key is asked for."),
)
CREDENTIALS = {"default": {"X-Key": "sesame"}, "invalid": {"X-Key": "barley"}}
SUBJECTS = {"completed": {"id": "batch_a1"}, "failed": {"id": "batch_b2"}, "unknown": {"id": "batch_zz"}}
BODIES: dict[str, dict[str, Any]] = {"createBatch": {"input": "file-7"}}


class Server(Working):
    """Two batches that begin when they are first asked for, and those that are created."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS
    WORKS: ClassVar[dict[str, bool]] = {"batch_a1": True, "batch_b2": False}

    def answer(self, asked: Asked) -> Told:
        """A batch, or why not."""
        if asked.headers.get("x-key") != "sesame" and not self.does("open-to-all"):
            return Told(401, {"message": "no key fits"})
        match asked.method, *asked.path.strip("/").split("/"):
            case "POST", "batches":
                return self._created(asked.body)
            case "GET", "batches", name if name in self.works:
                return Told(200, self._shown(self.works[name]))
            case "POST", "batches", name, "cancel" if name in self.works:
                return self._cancel(self.works[name])
        return Told(404, {"message": "not found"})

    def _created(self, body: Any) -> Told:
        if not isinstance(body, dict) or not isinstance(body.get("input"), str):
            return Told(400, {"message": "input is a text"})
        made = Work(f"batch_n{len(self.works)}", began=self.clock())
        if not self.does("loses-what-it-starts"):
            self.works[made.name] = made
        return Told(200, self._shown(made))

    def _cancel(self, batch: Work) -> Told:
        told = self._shown(batch)
        goes_on = told["status"] in {"validating", "in_progress"}
        if not goes_on and not self.does("cancels-what-is-over"):
            return Told(409, {"message": "too late"})
        if goes_on and not self.does("ignores-the-cancel"):
            batch.stopped = self.clock()
        return Told(200, {**told, "status": "cancelling"})

    def _status(self, batch: Work, share: float) -> str:
        if batch.stopped is not None:
            return "cancelled" if self.clock() - batch.stopped > self.duration / 4 else "cancelling"
        if share < 0.25:
            return "validating"
        if not batch.good:
            return "failed"
        return "completed" if share >= 1 else "in_progress"

    def _shown(self, batch: Work) -> dict[str, Any]:
        share = self.share(batch)
        status, ran = self._status(batch, share), share >= 0.25 and batch.good
        began = self.clock() if self.does("begins-anew") else (batch.began or 0.0) + self.duration / 4
        over = status in {"completed", "failed", "cancelled"} or (status == "in_progress" and self.does("ends-early"))
        silent = self.does("never-says-when") or not ran
        extra = 10 if self.does("counts-some-twice") else 0
        counts = {"completed": int(38 * self.shown(share)) + extra, "failed": 2 if share > 0.5 else 0} if ran else {}
        return {
            "id": f"{batch.name}9" if self.does("mixes-up") else batch.name,
            "counts": {"completed": 0, "failed": 0, "total": 40, **counts},
            "status": status,
            "began_at": None if silent else moment(began),
            "ended_at": moment((batch.began or 0.0) + 2 * self.duration) if over else None,
            "window": "24h",
        }
