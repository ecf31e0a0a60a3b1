"""A CI that runs workflows: a run is queued, in progress, then completed with a conclusion; it can be cancelled."""

from __future__ import annotations

from typing import Any, ClassVar

from . import Asked, Misdeed, Told, Work, Working, moment

MISDEEDS = (
    Misdeed("concludes-early", "getRun/only-when/not-concluded", "A run in progress has a conclusion."),
    Misdeed("never-concludes", "getRun/only-when/concluded", "A completed run has no conclusion."),
    Misdeed("runs-again", "getRun/lifecycle/moves", "A run that was seen completed is in progress again."),
    Misdeed("ignores-the-cancel", "cancelRun/moves/cancel", "A run that was cancelled goes on."),
    Misdeed("cancels-what-is-over", "cancelRun/moves/cancel", "To cancel a completed run is accepted."),
    Misdeed("mixes-up", "getRun/echoes/number", "The number is that of another run."),
    Misdeed("reuses-a-number", "startRun/hands-over/run-of-its-own", "Every run that is started has the same number."),
    Misdeed("loses-what-it-starts", "startRun/hands-over/run", "A run that was started is not found."),
    Misdeed("created-at-the-request", "getRun/never-changes/created", "A run is created whenever it is asked for."),
    Misdeed("open-to-all", "getRun/refuses/stranger", "No token is asked for."),
    Misdeed("runs-anything", "startRun/refuses/no-workflow", "A workflow that is not there is run."),
)
CREDENTIALS = {"default": {"Authorization": "Bearer ci-1"}, "invalid": {"Authorization": "Bearer ci-0"}}
SUBJECTS = {
    "passed": {"workflow": "deploy", "number": "41"},
    "failed": {"workflow": "deploy", "number": "42"},
    "unknown": {"workflow": "deploy", "number": "4100"},
}
BODIES: dict[str, dict[str, Any]] = {"startRun": {"branch": "trunk"}}


class Server(Working):
    """Two runs that begin when they are first asked for, and those that are started."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS
    WORKS: ClassVar[dict[str, bool]] = {"41": True, "42": False}

    def answer(self, asked: Asked) -> Told:
        """A run, or why not."""
        if asked.headers.get("authorization") != "Bearer ci-1" and not self.does("open-to-all"):
            return Told(401, {"message": "who are you?"}, {"WWW-Authenticate": "Bearer"})
        match asked.method, *asked.path.strip("/").split("/"):
            case "POST", "workflows", workflow, "runs":
                return self._start(workflow, asked.body)
            case "GET", "workflows", "deploy", "runs", number if number in self.works:
                return Told(200, self._shown(self.works[number]))
            case "POST", "workflows", "deploy", "runs", number, "cancel" if number in self.works:
                return self._cancel(self.works[number])
        return Told(404, {"message": "there is no such thing"})

    def _start(self, workflow: str, body: Any) -> Told:
        if workflow != "deploy" and not self.does("runs-anything"):
            return Told(404, {"message": "there is no such workflow"})
        if not isinstance(body, dict) or not isinstance(body.get("branch"), str):
            return Told(422, {"message": "branch is missing", "field": "branch"})
        number = 43 if self.does("reuses-a-number") else max(map(int, self.works)) + 1
        run = Work(str(number), began=self.clock())
        self.works[str(number + 1000 if self.does("loses-what-it-starts") else number)] = run
        return Told(201, self._shown(run))

    def _cancel(self, run: Work) -> Told:
        if self.share(run) >= 1 or run.stopped is not None:
            return Told(202) if self.does("cancels-what-is-over") else Told(409, {"message": "it is over"})
        run.stopped = None if self.does("ignores-the-cancel") else self.clock()
        return Told(202)

    def _shown(self, run: Work) -> dict[str, Any]:
        share, cancelled = self.share(run), run.stopped is not None
        over = cancelled or share >= 1
        ended = "cancelled" if cancelled else "success" if run.good else "failure"
        conclusion = None if self.does("never-concludes") else ended
        early = "success" if self.does("concludes-early") and share > 0.25 else None
        created = self.clock() if self.does("created-at-the-request") else run.began or 0.0
        return {
            "url": f"/deploy/{run.name}",
            "updated_at": moment(self.clock()),
            "created_at": moment(created),
            "conclusion": conclusion if over else early,
            "status": "completed" if over else "in_progress" if share > 0.25 else "queued",
            "attempt": 1,
            "number": int(run.name) + self.does("mixes-up"),
        }
