"""Keycard: a second reading of "Get task status", from its page alone."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from . import Answering, Asked, Misdeed, Told

_PATH = "GET/zones/{zone_id}/catalog_tasks/{task_id}"
_SHOWN = "Returns 200 with task details when pending, running, or failed."
_REDIRECT = "Returns 303 redirect to the install when completed."
_CREATED, _UPDATED = "created_at: string formatdate-time", "updated_at: string formatdate-time"
_OPERATION = 'operation: TaskOperation Accepts one of the following: "create" "delete"'
_STATUS = 'status: TaskStatus Accepts one of the following: "pending" "running" "completed" "failed"'
_WARNINGS = "warnings: optional array of object { code, details, message, 4 more }"
_CODE = 'code: "validation_error" or "bad_request" or "unauthorized" or 6 more'
_DETAILS = "details: array of object { code, field, message }"
_TASK = "ReturnsExpand Collapse Task = object { id, created_at, operation, 9 more }"

MISDEEDS = (
    Misdeed("completed-with-200", _REDIRECT, "A completed task is answered 200 with its details."),
    Misdeed("redirect-without-location", _REDIRECT, "The 303 has no Location."),
    Misdeed("redirect-with-302", _REDIRECT, "A completed task is answered 302."),
    Misdeed("redirect-to-itself", _REDIRECT, "The 303 leads back to the task."),
    Misdeed("redirect-to-other-install", _REDIRECT, "The 303 leads to another install than the task's install_id."),
    Misdeed(
        "runs-again-after-redirect", _REDIRECT, "Asked once more after its 303, the task is pending and runs again."
    ),
    Misdeed("failed-redirects", _SHOWN, "A failed task is answered 303 too."),
    Misdeed("failed-with-500", _SHOWN, "A failed task is answered 500 with its details."),
    Misdeed("failed-runs-again", _SHOWN, "Asked once more after it failed, the task is pending and runs again."),
    Misdeed("pending-with-202", _SHOWN, "A pending task is answered 202."),
    Misdeed("running-with-204", _SHOWN, "A running task is answered 204 without details."),
    Misdeed("unknown-task-pending", _SHOWN, "A task that never existed is shown as pending."),
    Misdeed("wrapped-in-data", _TASK, "The task is wrapped in an object `data`."),
    Misdeed(
        "id-changes", "id: string created_at: string", "From half-way the task has another id than the one asked for."
    ),
    Misdeed("id-missing", "id: string created_at: string", "The task has no id."),
    Misdeed("other-zone-shows-task", _PATH, "A task is shown under every zone."),
    Misdeed("created-at-in-seconds", _CREATED, "created_at is a number of seconds."),
    Misdeed("created-at-moves", _CREATED, "created_at is the time of the request."),
    Misdeed("updated-at-missing", _UPDATED, "updated_at is left out until the task is first updated, on running."),
    Misdeed("updated-at-with-space", _UPDATED, "updated_at has a space for the T and no offset."),
    Misdeed("updated-at-backwards", _UPDATED, "updated_at becomes earlier as the task proceeds."),
    Misdeed("operation-outside-list", _OPERATION, 'The operation of a create task is "install".'),
    Misdeed("operation-changes", _OPERATION, "A create task becomes a delete task half-way."),
    Misdeed("status-outside-list", _STATUS, 'A running task has the status "in_progress".'),
    Misdeed("status-in-capitals", _STATUS, "The status is written in capitals."),
    Misdeed("running-becomes-pending", _STATUS, "A running task is pending again for a while."),
    Misdeed("error-message-null", "error_message: optional string", "Without an error, error_message is null."),
    Misdeed("error-message-object", "error_message: optional string", "error_message is an object with the text."),
    Misdeed("install-id-null", "install_id: optional string", "As long as no install exists, install_id is null."),
    Misdeed("package-version-string", "package_version: optional number", "package_version is a string."),
    Misdeed("warnings-one-object", _WARNINGS, "A single warning is not in an array."),
    Misdeed("warnings-null", _WARNINGS, "Without warnings, warnings is null."),
    Misdeed("warning-code-outside-list", _CODE, 'A warning has the code "entity_preserved".'),
    Misdeed("warning-without-details", _DETAILS, "A warning has no details."),
    Misdeed(
        "detail-without-field", "field: string valid json path for request body", "A warning's detail has no field."
    ),
    Misdeed("warning-request-id-no-uuid", "request_id: string formatuuid", "A warning's request_id is no UUID."),
    Misdeed("warning-status-string", "status: number HTTP Status Code", "A warning's status is a string."),
    Misdeed("warning-timestamp-date", "timestamp: string formatdate-time", "A warning's timestamp is only a date."),
    Misdeed(
        "client-request-id-required",
        '"X-Client-Request-ID": optional string',
        "A request without X-Client-Request-ID is answered 400.",
    ),
)
CREDENTIALS: dict[str, dict[str, str]] = {"default": {}}
SUBJECTS: dict[str, dict[str, str]] = {
    "finished": {"zone_id": "zn-harbour", "task_id": "ct_5b0Lm"},
    "failed": {"zone_id": "zn-meadow", "task_id": "ct_9Vq2x"},
    "unknown": {"zone_id": "zn-harbour", "task_id": "ct_neverMade"},
}
BODIES: dict[str, dict[str, Any]] = {}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_REQUEST = "7A1D5E0C-93B4-4F6E-8C21-0DB5A7F3E914"
_CREATION = datetime(2024, 5, 1, 23, 59, 50, 250000, timezone(timedelta(hours=2)))


@dataclass
class _Task:
    """What the server keeps of a task; `began` is the second of its first request."""

    zone: str
    name: str
    fails: bool
    install: str
    began: float | None = None


class Server(Answering):
    """A create task that completes and a delete task, with every optional field, that fails."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.tasks = {
            ids["task_id"]: _Task(ids["zone_id"], ids["task_id"], name == "failed", f"in-{name}")
            for name, ids in SUBJECTS.items()
            if name != "unknown"
        }

    def answer(self, asked: Asked) -> Told:
        """The task, a redirect or a refusal."""
        parts = [urllib.parse.unquote(part) for part in asked.path.split("/")]
        if len(parts) != 5 or parts[1] != "zones" or parts[3] not in ("catalog_tasks", "catalog_installs"):
            return _refusal(404, "no such page")
        if asked.method != "GET":
            return _refusal(405, "only GET", Allow="GET")
        zone, collection, name = parts[2:]
        if collection == "catalog_installs":
            installed = any((task.zone, task.install) == (zone, name) for task in self.tasks.values())
            return Told(200, {"id": name, "zone": zone}) if installed else _refusal(404, "no such install")
        sent = asked.headers.get("x-client-request-id")
        if sent is None and self.does("client-request-id-required"):
            return _refusal(400, "X-Client-Request-ID is missing")
        if sent is not None and not _UUID.fullmatch(sent):
            return _refusal(400, "X-Client-Request-ID is no UUID")
        return self._shown(zone, name)

    def _shown(self, zone: str, name: str) -> Told:
        if name not in self.tasks and self.does("unknown-task-pending"):
            self.tasks[name] = _Task(zone, name, False, "in-none", float("inf"))
        task = self.tasks.get(name)
        if zone not in {known.zone for known in self.tasks.values()} and not self.does("other-zone-shows-task"):
            return _refusal(403, "this zone is closed")
        if task is None or (task.zone != zone and not self.does("other-zone-shows-task")):
            return _refusal(404, "no such task here")
        now = self.clock()
        task.began = now if task.began is None else task.began
        part = min(max(now - task.began, 0.0) / self.duration, 1.0)
        status = self._status(task, part)
        again = {"completed": "runs-again-after-redirect", "failed": "failed-runs-again"}.get(status)
        if again and self.does(again):
            task.began = None
        return self._told(task, status, self._details(task, status, part))

    def _status(self, task: _Task, part: float) -> str:
        if part >= 1.0:
            return "failed" if task.fails else "completed"
        if 0.5 <= part < 0.8 and self.does("running-becomes-pending"):
            return "pending"
        return "running" if part >= 0.25 else "pending"

    def _told(self, task: _Task, status: str, details: dict[str, Any]) -> Told:
        body = {"data": details} if self.does("wrapped-in-data") else details
        redirects = status == "completed" and not self.does("completed-with-200")
        if redirects or (status == "failed" and self.does("failed-redirects")):
            install = "in-elsewhere" if self.does("redirect-to-other-install") else task.install
            location = task.name if self.does("redirect-to-itself") else f"../catalog_installs/{install}"
            headers = {} if self.does("redirect-without-location") else {"Location": location}
            return Told(302 if self.does("redirect-with-302") else 303, body, headers)
        if status == "running" and self.does("running-with-204"):
            return Told(204)
        if status == "failed" and self.does("failed-with-500"):
            return Told(500, body)
        code = 202 if status == "pending" and self.does("pending-with-202") else 200
        return Told(code, body, {"Retry-After": "1"}, "application/json; charset=UTF-8")

    def _details(self, task: _Task, status: str, part: float) -> dict[str, Any]:
        shown = "in_progress" if status == "running" and self.does("status-outside-list") else status
        details: dict[str, Any] = {
            "progress": {"percent": round(100 * part)},
            "status": shown.upper() if self.does("status-in-capitals") else shown,
            "operation": self._operation(task, part),
            **self._dates(status, part),
            **self._optional(task, status),
        }
        if not self.does("id-missing"):
            details["id"] = f"{task.name}-2" if part >= 0.5 and self.does("id-changes") else task.name
        return details

    def _operation(self, task: _Task, part: float) -> str:
        if task.fails or (part >= 0.5 and self.does("operation-changes")):
            return "delete"
        return "install" if self.does("operation-outside-list") else "create"

    def _dates(self, status: str, part: float) -> dict[str, Any]:
        spent = timedelta(seconds=part * self.duration)
        created = _CREATION + spent if self.does("created-at-moves") else _CREATION
        updated = _CREATION + spent
        if self.does("updated-at-backwards"):
            updated = _CREATION + timedelta(seconds=self.duration) - spent
        dates: dict[str, Any] = {"updated_at": updated.isoformat(), "created_at": created.isoformat()}
        if self.does("created-at-in-seconds"):
            dates["created_at"] = int(created.timestamp())
        if self.does("updated-at-with-space"):
            dates["updated_at"] = f"{updated:%Y-%m-%d %H:%M:%S}"
        if status == "pending" and self.does("updated-at-missing"):
            del dates["updated_at"]
        return dates

    def _optional(self, task: _Task, status: str) -> dict[str, Any]:
        fields: dict[str, Any] = {"package_slug": "ledger", "package_version": 1.5 if task.fails else 3}
        if self.does("package-version-string"):
            fields["package_version"] = str(fields["package_version"])
        if task.fails:
            fields |= {"package_id": "pk-77", "links": [{"rel": "zone", "href": f"/zones/{task.zone}"}]}
        if status != "pending":
            fields["install_id"] = task.install
        elif self.does("install-id-null"):
            fields["install_id"] = None
        if status == "failed":
            text = "two entities could not be removed"
            fields["error_message"] = {"text": text} if self.does("error-message-object") else text
        elif self.does("error-message-null"):
            fields["error_message"] = None
        if task.fails and status != "pending":
            warning = self._warning(task)
            fields["warnings"] = warning if self.does("warnings-one-object") else [warning]
        else:
            fields["warnings"] = None if self.does("warnings-null") else []
        return fields

    def _warning(self, task: _Task) -> dict[str, Any]:
        detail = {"code": "conflict", "field": "$.entities[0]", "message": "adopted"}
        if self.does("detail-without-field"):
            del detail["field"]
        warning: dict[str, Any] = {
            "timestamp": "2024-05-01" if self.does("warning-timestamp-date") else "2024-05-01T21:59:51Z",
            "status": "409" if self.does("warning-status-string") else 409,
            "request_id": "req-000051" if self.does("warning-request-id-no-uuid") else _REQUEST,
            "path": f"/zones/{task.zone}/catalog_installs/{task.install}",
            "message": "An adopted entity is preserved",
            "details": [detail],
            "code": "entity_preserved" if self.does("warning-code-outside-list") else "conflict",
        }
        if self.does("warning-without-details"):
            del warning["details"]
        return warning


def _refusal(status: int, why: str, **headers: str) -> Told:
    return Told(status, {"fault": why}, headers, "application/problem+json")
