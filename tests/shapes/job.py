"""Jobs of a cluster: counts and conditions say how far one is; deleted, it is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from . import Asked, Misdeed, Told, Work, Working, moment

MISDEEDS = (
    Misdeed("counts-some-twice", "readJob/at-most/counted", "More pods are active and have succeeded than there are."),
    Misdeed("says-it-twice", "readJob/distinct/conditions", "The condition of the end stands twice."),
    Misdeed("goes-back", "readJob/never-decreases/succeeded", "Half-way fewer have succeeded than before."),
    Misdeed("is-another", "readJob/never-changes/uid", "The uid is a new one whenever it is asked for."),
    Misdeed("starts-anew", "readJob/never-changes/began", "startTime is that of the request."),
    Misdeed("ends-without-a-time", "readJob/only-when/complete", "A complete job has no completionTime."),
    Misdeed("ignores-the-delete", "deleteJob/moves/delete", "A job that was deleted is still there."),
    Misdeed("deletes-nothing", "deleteJob/moves/delete", "To delete a job that is gone is answered 200."),
    Misdeed("mixes-up", "readJob/echoes/name", "The name is that of another job."),
    Misdeed("loses-what-it-starts", "createJob/hands-over/job", "A job that was created is not found."),
    Misdeed("open-to-all", "readJob/refuses/stranger", "No token is asked for."),
    Misdeed("runs-again", "readJob/lifecycle/moves", "A job that was seen complete is active again."),
)
CREDENTIALS = {"default": {"Authorization": "Bearer k-1"}}
SUBJECTS = {
    "complete": {"namespace": "lab", "name": "alpha"},
    "failed": {"namespace": "lab", "name": "beta"},
    "unknown": {"namespace": "lab", "name": "omega"},
}
BODIES: dict[str, dict[str, Any]] = {"createJob": {"spec": {"completions": 3, "parallelism": 1}}}
UID = "C0FFEE00-1111-4222-8333-{:012d}"


@dataclass
class _Job(Work):
    """A job; `number`: the how many-eth it is."""

    number: int = 1
    completions: int = 4


class Server(Working):
    """Two jobs that begin when they are first asked for, and those that are created."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.jobs = {"alpha": _Job("alpha"), "beta": _Job("beta", good=False, number=2)}
        self.created = self.answered = 2

    def answer(self, asked: Asked) -> Told:
        """A job, or why not."""
        if asked.headers.get("authorization") != "Bearer k-1" and not self.does("open-to-all"):
            return _refused(401, "Unauthorized")
        match asked.method, *asked.path.strip("/").split("/"):
            case "POST", "namespaces", _, "jobs":
                return self._made(asked.body)
            case "GET", "namespaces", "lab" | "default", "jobs", name if name in self.jobs:
                return Told(200, self._shown(self.jobs[name]))
            case "DELETE", "namespaces", "lab" | "default", "jobs", name:
                return self._deleted(name)
        return _refused(404, "NotFound")

    def _made(self, body: Any) -> Told:
        spec = body.get("spec") if isinstance(body, dict) else None
        completions = spec.get("completions") if isinstance(spec, dict) else None
        if not isinstance(completions, int | float) or isinstance(completions, bool):
            return _refused(422, "Invalid")
        if completions != int(completions) or completions < 1:
            return _refused(422, "Invalid")
        self.created += 1
        job = _Job(f"job-{self.created}", began=self.clock(), number=self.created, completions=int(completions))
        if not self.does("loses-what-it-starts"):
            self.jobs[job.name] = job
        return Told(201, {"kind": "Job", "metadata": {"uid": UID.format(job.number), "name": job.name}})

    def _deleted(self, name: str) -> Told:
        if name not in self.jobs and not self.does("deletes-nothing"):
            return _refused(404, "NotFound")
        if not self.does("ignores-the-delete"):
            self.jobs.pop(name, None)
        return Told(200, {"status": "Success", "details": {"name": name}})

    def _shown(self, job: _Job) -> dict[str, Any]:
        share = self.share(job)
        self.answered += 1
        uid = UID.format(self.answered if self.does("is-another") else job.number)
        return {
            "status": self._status(job, share),
            "spec": {"completions": job.completions, "backoffLimit": 6},
            "metadata": {"name": f"{job.name}-x" if self.does("mixes-up") else job.name, "uid": uid, "labels": {}},
        }

    def _status(self, job: _Job, share: float) -> dict[str, Any]:
        if share < 0.2:
            return {}
        began = self.clock() if self.does("starts-anew") else job.began or 0.0
        succeeded = int(job.completions * self.shown(share)) - (0 if job.good else share >= 1)
        active = 0 if share >= 1 else min(1, job.completions - succeeded)
        extra = job.completions + 1 if self.does("counts-some-twice") else 0
        told: dict[str, Any] = {"startTime": moment(began), "active": active + extra, "succeeded": succeeded}
        if share < 1:
            return told
        end = {"status": "True", "type": "Complete" if job.good else "Failed", "reason": "so it is"}
        ended = {} if self.does("ends-without-a-time") else {"completionTime": moment((job.began or 0) + self.duration)}
        conditions = [end, end] if self.does("says-it-twice") else [end]
        return told | {"conditions": conditions, **(ended if job.good else {})}


def _refused(status: int, reason: str) -> Told:
    return Told(status, {"status": "Failure", "reason": reason, "apiVersion": "v1"})
