"""Firmware that is updated: a task shows its state, and its monitor answers 202 until the result is there."""

from __future__ import annotations

from typing import Any, ClassVar

from . import Asked, Misdeed, Told, Work, Working

MISDEEDS = (
    Misdeed("monitor-goes-on", "getTask/agrees/at-the-end", "The monitor of a completed task says 202 for ever."),
    Misdeed("monitor-is-glad", "getTask/agrees/at-the-end", "The monitor of a failed task answers 200."),
    Misdeed("goes-back", "getTask/never-decreases/percent", "Half-way the share falls."),
    Misdeed("runs-again", "getTask/lifecycle/moves", "A task that was seen completed is running again."),
    Misdeed("mixes-up", "getTask/echoes/id", "The Id is that of another task."),
    Misdeed("names-another-monitor", "getTask/echoes/monitor", "TaskMonitor is that of another task."),
    Misdeed("locates-another-monitor", "updateFirmware/echoes/monitor", "Location is the monitor of another task."),
    Misdeed("loses-what-it-starts", "updateFirmware/hands-over/task", "A task that was started is not found."),
    Misdeed("shows-what-never-was", "getMonitor/answers/unknown", "Any monitor is there."),
    Misdeed("open-to-all", "getTask/refuses/stranger", "No session is asked for."),
    Misdeed("accepts-with-200", "updateFirmware/answers/accepted", "An update is accepted with 200."),
)
CREDENTIALS = {"default": {"X-Auth-Token": "s-1"}, "invalid": {"X-Auth-Token": "s-0"}}
SUBJECTS = {"completed": {"id": "71"}, "failed": {"id": "72"}, "unknown": {"id": "7100"}}
BODIES: dict[str, dict[str, Any]] = {"updateFirmware": {"ImageURI": "http://images.example/a"}}


class Server(Working):
    """Two tasks that begin when they are first asked for, and those that are accepted."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS
    WORKS: ClassVar[dict[str, bool]] = {"71": True, "72": False}

    def answer(self, asked: Asked) -> Told:
        """A task, its monitor, or why not."""
        if asked.headers.get("x-auth-token") != "s-1" and not self.does("open-to-all"):
            return _refused(401, "Base.1.12.NoValidSession")
        match asked.method, *asked.path.strip("/").split("/"):
            case "POST", "UpdateService", "Update":
                return self._accepted(asked.body)
            case "GET", "Tasks", name if name in self.works:
                return Told(200, self._shown(self.works[name]))
            case "GET", "TaskMonitors", name if name in self.works:
                return self._monitored(self.works[name])
            case "GET", "TaskMonitors", _ if self.does("shows-what-never-was"):
                return Told(202, None, {"Retry-After": "9"})
        return _refused(404, "Base.1.12.ResourceMissingAtURI")

    def _accepted(self, body: Any) -> Told:
        if not isinstance(body, dict) or not isinstance(body.get("ImageURI"), str):
            return _refused(400, "Base.1.12.PropertyMissing")
        task = Work(str(len(self.works) + 71), began=self.clock())
        self.works[f"{task.name}0" if self.does("loses-what-it-starts") else task.name] = task
        there = "71" if self.does("locates-another-monitor") else task.name
        told = {"Id": task.name, "TaskState": "New", "@odata.id": f"/redfish/v1/Tasks/{task.name}"}
        status = 200 if self.does("accepts-with-200") else 202
        return Told(status, told, {"Location": f"/v1/TaskMonitors/{there}", "Retry-After": "9"})

    def _shown(self, task: Work) -> dict[str, Any]:
        share = self.share(task)
        ended = "Completed" if task.good else "Exception"
        monitor = "71" if self.does("names-another-monitor") and task.name != "71" else task.name
        return {
            "@odata.id": f"/redfish/v1/Tasks/{task.name}",
            "PercentComplete": int(100 * self.shown(share)),
            "TaskMonitor": f"/v1/TaskMonitors/{monitor}",
            "TaskState": ended if share >= 1 else "Running" if share > 0.2 else "New",
            "Id": f"{task.name}0" if self.does("mixes-up") else task.name,
        }

    def _monitored(self, task: Work) -> Told:
        over = self.share(task) >= 1
        if not over or (task.good and self.does("monitor-goes-on")):
            return Told(202, None, {"Retry-After": "9"})
        glad = task.good or self.does("monitor-is-glad")
        return Told(200, {"Version": "2.1"}) if glad else _refused(400, "Update.1.0.ApplyFailed")


def _refused(status: int, code: str) -> Told:
    return Told(status, {"error": {"code": code, "message": "no", "@Message.ExtendedInfo": []}})
