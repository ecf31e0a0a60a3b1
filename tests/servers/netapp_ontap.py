"""NetApp ONTAP: a second reading of "Cluster software download endpoint overview", from its page alone."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from . import Answering, Asked, Misdeed, Told

_USE = (
    "You can use this API to download a software or firmware package from the server and to check the status of the "
    "software or firmware download."
)
_RETURNS = (
    "The call to download the software or firmware package returns the job UUID, including a HAL link to retrieve "
    "details about the job."
)
_PROGRESS = "The job object includes a state field and a message to indicate the progress of the job."
_SUCCESS = (
    "When the job is complete and the application is fully created, the message indicates success and the job state "
    "field is set to success."
)
_STARTED = '{ "job": { "uuid": "f587d316-5feb-11e8-b0e0-005056956dfc", "_links": { "self": { "href":'
_POST = '-H "accept: application/json" -H "Content-Type: application/hal+json" -d'
_HAL = '-H "accept: application/hal+json"'
_JOB_LINK = '"self": { "href": "/api/cluster/jobs/f587d316-5feb-11e8-b0e0-005056956dfc" }'
_JOB_UUID = '{ "uuid": "f587d316-5feb-11e8-b0e0-005056956dfc", "description": "POST /api/cluster/software/download",'
_DOWNLOAD = (
    "The following example shows how to retrieve the progress status of the software package that is being downloaded "
    "from a HTTP or FTP server."
)
_DOWNLOAD_SHOWN = '{ "state": "running", "message": "Package download in progress", "code": 10551382,'
_DOWNLOAD_LINK = '"code": 10551382, "_links": { "self": { "href": "/api/cluster/software/download" } }'
_SECRET = '"username": "admin", "password": "*********"'

MISDEEDS = (
    Misdeed("credentials-not-asked", _USE, "Everything is shown and started without a credential."),
    Misdeed("credentials-not-checked", _USE, "Any Authorization header is good enough."),
    Misdeed("start-needs-no-credential", _USE, "A download is started without a credential; the reads ask for one."),
    Misdeed("start-without-uuid", _RETURNS, "The answer to the start has the link but no uuid."),
    Misdeed("start-without-link", _RETURNS, "The answer to the start has the uuid but no _links."),
    Misdeed("start-link-to-other-job", _RETURNS, "The start's link names another job than its uuid."),
    Misdeed("start-link-to-download", _RETURNS, "The start's link leads to the download, not to the job."),
    Misdeed("start-uuid-is-a-number", _RETURNS, "The job of a start is known by a serial number."),
    Misdeed("start-answers-the-outcome", _RETURNS, "The start answers as if at its end, with a state but no job."),
    Misdeed("start-without-job-object", _STARTED, "uuid and _links stand at the top, not in `job`."),
    Misdeed("start-links-only-for-hal", _POST, "A start that accepts application/json gets no _links."),
    Misdeed("start-refuses-hal", _POST, "A start in application/hal+json is answered 415."),
    Misdeed("start-repeats-uuid", _RETURNS, "Each later start is answered with the first one's job."),
    Misdeed("started-job-lost", _RETURNS, "The started job is never found."),
    Misdeed("started-job-late", _RETURNS, "The started job is found only after a few seconds."),
    Misdeed("job-lost-midway", _RETURNS, "A running job is not found for a while."),
    Misdeed("unknown-job-queued", _RETURNS, "A job that never existed is shown as queued."),
    Misdeed("read-refuses-hal", _HAL, "A read that accepts application/hal+json is answered 406."),
    Misdeed("job-as-plain-text", _HAL, "The job is sent as text/plain."),
    Misdeed("job-without-state", _PROGRESS, "A queued job has no state yet."),
    Misdeed("job-without-message", _PROGRESS, "A job has no message while it runs."),
    Misdeed("job-message-null", _PROGRESS, "The message of a queued job is null."),
    Misdeed("job-state-number", _PROGRESS, "The state of a job is a number."),
    Misdeed("failed-job-with-500", _PROGRESS, "A failed job is answered 500 with an error."),
    Misdeed("failed-job-succeeds", _PROGRESS, "Asked once more after its failure, the job is a success."),
    Misdeed("success-called-completed", _SUCCESS, 'The state of a job that ended well is "completed".'),
    Misdeed("success-message-in-progress", _SUCCESS, "The message of a job that ended well says it is in progress."),
    Misdeed("success-runs-again", _SUCCESS, "Asked once more after its success, the job is queued and runs again."),
    Misdeed("success-code-not-zero", '"message": "success", "code": 0,', "The code of a success is 10551382."),
    Misdeed("code-as-string", '"message": "success", "code": 0,', "The code is a string."),
    Misdeed("job-uuid-changes", _JOB_UUID, "From half-way the job has another uuid than the one asked for."),
    Misdeed("job-uuid-missing", _JOB_UUID, "The job does not tell its uuid."),
    Misdeed("job-link-to-other-job", _JOB_LINK, "The job's self link leads to another job."),
    Misdeed("job-without-link", _JOB_LINK, "The job has no _links, though hal+json was accepted."),
    Misdeed("download-stays-running", _DOWNLOAD, "The download is running after its job was a success."),
    Misdeed("download-ends-before-job", _DOWNLOAD, "The download is a success while its job still runs."),
    Misdeed("download-not-shown", _DOWNLOAD, "A started download is not shown; it still seems that none was started."),
    Misdeed("download-in-records", _DOWNLOAD_SHOWN, "The download is wrapped in a list `records`."),
    Misdeed("download-without-code", _DOWNLOAD_SHOWN, "The download has no code."),
    Misdeed("download-link-to-job", _DOWNLOAD_LINK, "The download's self link leads to its job."),
    Misdeed("password-in-error", _SECRET, "The refusal of a start repeats the body sent."),
    Misdeed("password-in-start", _SECRET, "The answer to the start repeats the body sent."),
    Misdeed("password-in-job", _SECRET, "The message of a running job has the URL with user name and password."),
    Misdeed("password-in-download", _SECRET, "The download shows where it comes from, password included."),
)


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


CREDENTIALS: dict[str, dict[str, str]] = {
    "default": _basic("operator", "granite-Lantern-40-orchard"),
    "invalid": _basic("operator", "granite-Lantern-41-orchard"),
}
SUBJECTS: dict[str, dict[str, str]] = {
    "finished": {"uuid": "0b6c1f52-7f0e-11ee-9d0c-00a098d39e12"},
    "failed": {"uuid": "1c7d2a63-7f0e-11ee-9d0c-00a098d39e12"},
    "forgotten": {"uuid": "2d8e3b74-7f0e-11ee-9d0c-00a098d39e12"},
    "unknown": {"uuid": "3e9f4c85-7f0e-11ee-9d0c-00a098d39e12"},
}
BODIES: dict[str, dict[str, Any]] = {
    "startDownload": {
        "url": "http://packages.example/ontap/9141P2.tgz",
        "username": "fetcher",
        "password": "walnut-Ferry-2718-copper-Dune",
    }
}
_DOWNLOADS, _JOBS, _ELSEWHERE = "/api/cluster/software/download", "/api/cluster/jobs/", str(uuid.UUID(int=77))


@dataclass
class _Job:
    """What the server keeps of a job; `began` is the second of its start or first request, `body` what was sent."""

    uuid: str
    outcome: str = "success"
    forgotten: bool = False
    began: float | None = None
    body: Any = None


class Server(Answering):
    """Jobs that were there before, jobs that a start makes, and the latest started download."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        known = {name: ids["uuid"] for name, ids in SUBJECTS.items() if name != "unknown"}
        made = [
            _Job(key, "failure" if name == "failed" else "success", name == "forgotten") for name, key in known.items()
        ]
        self.jobs = {job.uuid: job for job in made}
        self.started: list[_Job] = []

    def answer(self, asked: Asked) -> Told:
        """The job, the download, a new job or a refusal."""
        key = asked.path.removeprefix(_JOBS)
        if asked.path != _DOWNLOADS and (key == asked.path or not key or "/" in key):
            return self._refusal(asked, 404, "no such page")
        methods = ("GET", "POST") if asked.path == _DOWNLOADS else ("GET",)
        if asked.method not in methods:
            return self._refusal(asked, 405, "no such method", Allow=", ".join(methods))
        if not self._allowed(asked):
            return self._refusal(asked, 401, "who are you?", **{"WWW-Authenticate": 'Basic realm="cluster"'})
        if asked.method == "POST":
            return self._start(asked)
        if "hal+json" in asked.headers.get("accept", "") and self.does("read-refuses-hal"):
            return self._refusal(asked, 406, "only application/json")
        return self._download(asked) if asked.path == _DOWNLOADS else self._job(asked, key)

    def _allowed(self, asked: Asked) -> bool:
        if self.does("credentials-not-asked") or (asked.method == "POST" and self.does("start-needs-no-credential")):
            return True
        sent = asked.headers.get("authorization")
        if self.does("credentials-not-checked"):
            return sent is not None
        return sent == CREDENTIALS["default"]["Authorization"]

    def _start(self, asked: Asked) -> Told:
        kind = asked.headers.get("content-type", "").split(";")[0].strip().lower()
        refused = kind == "application/hal+json" and self.does("start-refuses-hal")
        if refused or kind not in ("application/json", "application/hal+json"):
            return self._refusal(asked, 415, "send JSON")
        if not isinstance(asked.body, dict) or not isinstance(asked.body.get("url"), str):
            return self._refusal(asked, 422, "from where?")
        made = _Job(self._new_uuid(), began=self.clock(), body=asked.body)
        job = self.jobs.setdefault(made.uuid, made)
        self.started.append(job)
        if self.does("start-answers-the-outcome"):
            return _told(asked, {"state": "success", "message": "success", "code": 0})
        shown = self._shown_start(asked, job)
        body: dict[str, Any] = {"cluster": {"name": "north"}, "job": shown}
        if self.does("password-in-start"):
            body["request"] = asked.body
        return _told(asked, shown if self.does("start-without-job-object") else body, 201)

    def _new_uuid(self) -> str:
        number = 0 if self.does("start-repeats-uuid") else len(self.started)
        if self.does("start-uuid-is-a-number"):
            return str(1000 + number)
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}"))

    def _shown_start(self, asked: Asked, job: _Job) -> dict[str, Any]:
        href = _JOBS + (_ELSEWHERE if self.does("start-link-to-other-job") else job.uuid)
        if self.does("start-link-to-download"):
            href = _DOWNLOADS
        shown: dict[str, Any] = {"_links": {"self": {"href": href}}}
        if self.does("start-without-link") or (not _takes_hal(asked) and self.does("start-links-only-for-hal")):
            del shown["_links"]
        if not self.does("start-without-uuid"):
            shown["uuid"] = int(job.uuid) if job.uuid.isdigit() else job.uuid
        return shown

    def _part(self, job: _Job) -> float:
        job.began = self.clock() if job.began is None else job.began
        return max(self.clock() - job.began, 0.0) / self.duration

    def _job(self, asked: Asked, key: str) -> Told:
        job = self.jobs.get(key)
        if job is None and self.does("unknown-job-queued"):
            job = _Job(key, began=float("inf"))
        if job is None or self._lost(job):
            return self._refusal(asked, 404, "no such job")
        part = self._part(job)
        state = _state(job, part)
        if state == "failure" and self.does("failed-job-with-500"):
            return self._refusal(asked, 500, "the download failed")
        shown = self._shown_job(job, part, state)
        if not _takes_hal(asked) or self.does("job-without-link"):
            del shown["_links"]
        if state == "failure" and self.does("failed-job-succeeds"):
            job.outcome = "success"
        if state == "success" and self.does("success-runs-again"):
            job.began = None
        told = _told(asked, shown)
        return Told(told.status, told.body, media="text/plain") if self.does("job-as-plain-text") else told

    def _lost(self, job: _Job) -> bool:
        part = self._part(job)
        if job in self.started and (self.does("started-job-lost") or (part < 0.25 and self.does("started-job-late"))):
            return True
        return (job.forgotten and part >= 2.0) or (0.4 <= part < 0.7 and self.does("job-lost-midway"))

    def _shown_job(self, job: _Job, part: float, state: str) -> dict[str, Any]:
        href = _JOBS + (_ELSEWHERE if self.does("job-link-to-other-job") else job.uuid)
        shown: dict[str, Any] = {"_links": {"self": {"href": href}}, "node": {"name": "north-01"}}
        shown |= {"message": self._message(job, part, state), "state": state, "description": f"POST {_DOWNLOADS}"}
        if state in ("success", "failure"):
            shown["code"] = self._code(state)
        if state == "success" and self.does("success-called-completed"):
            shown["state"] = "completed"
        if self.does("job-state-number"):
            shown["state"] = ("queued", "running", "success", "failure").index(state)
        if state == "queued" and self.does("job-without-state"):
            del shown["state"]
        if state == "running" and self.does("job-without-message"):
            del shown["message"]
        if not self.does("job-uuid-missing"):
            shown["uuid"] = _ELSEWHERE if part >= 0.5 and self.does("job-uuid-changes") else job.uuid
        return shown

    def _message(self, job: _Job, part: float, state: str) -> str | None:
        if state == "queued":
            return None if self.does("job-message-null") else "Waiting for a free slot"
        if state == "failure":
            return "The server closed the connection"
        if state == "success" and not self.does("success-message-in-progress"):
            return "Package download: success"
        if job.body and self.does("password-in-job"):
            user, password = job.body.get("username"), job.body.get("password")
            return f"Fetching {job.body['url']}".replace("://", f"://{user}:{password}@")
        return f"Package download in progress ({min(round(100 * part), 99)}%)"

    def _code(self, state: str) -> int | str:
        code = {"idle": 10551379, "success": 0, "failure": 10551496}.get(state, 10551382)
        if state == "success" and self.does("success-code-not-zero"):
            code = 10551382
        return str(code) if self.does("code-as-string") else code

    def _download(self, asked: Asked) -> Told:
        job = self.started[-1] if self.started and not self.does("download-not-shown") else None
        part = self._part(job) if job else 0.0
        state = _state(job, part) if job else "idle"
        if state == "success" and self.does("download-stays-running"):
            state = "running"
        if state == "running" and part >= 0.3 and self.does("download-ends-before-job"):
            state = "success"
        words = {"idle": "Nothing is being downloaded", "queued": "Waiting", "running": "Package download in progress"}
        shown: dict[str, Any] = {"code": self._code(state), "message": words.get(state, f"Package download: {state}")}
        shown["state"] = state
        if self.does("download-without-code"):
            del shown["code"]
        if job and self.does("password-in-download"):
            shown["source"] = job.body
        if _takes_hal(asked):
            path = _JOBS + job.uuid if job and self.does("download-link-to-job") else _DOWNLOADS
            shown["_links"] = {"self": {"href": f"http://{asked.headers.get('host', 'cluster.example')}{path}"}}
        return _told(asked, {"records": [shown], "num_records": 1} if self.does("download-in-records") else shown)

    def _refusal(self, asked: Asked, status: int, why: str, **headers: str) -> Told:
        fault: dict[str, Any] = {"why": why}
        if asked.body is not None and self.does("password-in-error"):
            fault["request"] = asked.body
        return Told(status, {"fault": fault}, headers)


def _state(job: _Job, part: float) -> str:
    if part >= 1.0:
        return job.outcome
    return "running" if part >= 0.2 else "queued"


def _takes_hal(asked: Asked) -> bool:
    accepted = asked.headers.get("accept", "*/*")
    return "application/hal+json" in accepted or "*/*" in accepted


def _told(asked: Asked, body: dict[str, Any], status: int = 200) -> Told:
    kind = "application/hal+json" if _takes_hal(asked) else "application/json"
    return Told(status, body, {"Cache-Control": "no-store"}, f"{kind};charset=utf-8")
