"""Databases that are made: PUT is accepted, its operation answers 202 until it has ended, and 200 then."""

from __future__ import annotations

from typing import Any, ClassVar

from . import Asked, Misdeed, Told, Work, Working

MISDEEDS = (
    Misdeed("done-at-once", "putDatabase/answers/accepted", "The order is answered 200 at once."),
    Misdeed("leads-nowhere", "putDatabase/hands-over/operation", "Operation-Location leads to nothing."),
    Misdeed("waits-without-a-word", "getOperation/header/Running.Retry-After", "202 has no Retry-After."),
    Misdeed("waits-for-soon", "getOperation/header/Running.Retry-After", "Retry-After is a word."),
    Misdeed("says-200-meanwhile", "getOperation/schema/Ended.status", "An operation under way is answered 200."),
    Misdeed("fails-in-silence", "getOperation/only-when/failed-says-why", "What has failed has no error."),
    Misdeed("succeeds-with-an-error", "getOperation/only-when/no-error", "What has succeeded has an error."),
    Misdeed("goes-back", "getOperation/never-decreases/percent", "Half-way the share falls."),
    Misdeed("runs-again", "getOperation/lifecycle/moves", "What was seen to have ended is under way again."),
    Misdeed("open-to-all", "getOperation/refuses/stranger", "No token is asked for."),
    Misdeed("shows-what-never-was", "getOperation/answers/unknown", "Any identifier is shown as under way."),
)
CREDENTIALS = {"default": {"Authorization": "Bearer db-1"}, "invalid": {"Authorization": "Bearer db-0"}}
SUBJECTS = {"succeeded": {"id": "9f-1"}, "failed": {"id": "9f-2"}, "unknown": {"id": "9f-404"}}
BODIES: dict[str, dict[str, Any]] = {"putDatabase": {"size": 3, "tags": ["mine"]}}


class Server(Working):
    """Two operations that begin when they are first asked for, and those that are ordered."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS
    WORKS: ClassVar[dict[str, bool]] = {"9f-1": True, "9f-2": False}

    def answer(self, asked: Asked) -> Told:
        """An operation, or why not."""
        if asked.headers.get("authorization") != "Bearer db-1" and not self.does("open-to-all"):
            return _refused(401, "Unauthenticated")
        match asked.method, *asked.path.strip("/").split("/"):
            case "PUT", "databases", _:
                return self._ordered(asked.body)
            case "GET", "operations", name if name in self.works:
                return self._shown(self.works[name])
            case "GET", "operations", name if self.does("shows-what-never-was"):
                return self._shown(Work(name, began=self.clock()))
        return _refused(404, "NotFound")

    def _ordered(self, body: Any) -> Told:
        size = body.get("size") if isinstance(body, dict) else None
        if not isinstance(size, int | float) or isinstance(size, bool) or size != int(size):
            return _refused(400, "BadSize")
        name = f"9f-{len(self.works) + 1}"
        self.works[name] = Work(name, began=self.clock())
        there = f"{name}0" if self.does("leads-nowhere") else name
        location = f"https://db.example/api/operations/{there}?api-version=2026-01-01"
        headers = {"Operation-Location": location, "Retry-After": "5", "X-Request": "r-1"}
        return Told(200 if self.does("done-at-once") else 202, None, headers)

    def _shown(self, one: Work) -> Told:
        share = self.share(one)
        body: dict[str, Any] = {"percentComplete": 100 * self.shown(share), "id": one.name, "kind": "create"}
        if share < 1:
            status = 200 if self.does("says-200-meanwhile") else 202
            return Told(status, body | {"status": "Running"}, self._pause())
        error = {"code": "Full", "message": "the disk is full", "target": "disk"}
        if one.good:
            more = {"error": error} if self.does("succeeds-with-an-error") else {}
            return Told(200, body | {"status": "Succeeded"} | more)
        return Told(200, body | {"status": "Failed"} | ({} if self.does("fails-in-silence") else {"error": error}))

    def _pause(self) -> dict[str, str]:
        if self.does("waits-without-a-word"):
            return {}
        return {"Retry-After": "soon" if self.does("waits-for-soon") else "2"}


def _refused(status: int, code: str) -> Told:
    return Told(status, {"error": {"code": code, "message": "no", "innererror": None}})
