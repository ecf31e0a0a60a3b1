"""Films that are rendered: an operation is done or not, and when it is, it has a response or an error."""

from __future__ import annotations

from typing import Any, ClassVar

from . import Asked, Misdeed, Told, Work, Working, moment

MISDEEDS = (
    Misdeed("both", "getOperation/only-when/not-both", "What has failed has a response as well."),
    Misdeed("neither", "getOperation/only-when/done-has-a-result", "What is done has no result."),
    Misdeed("shows-a-draft", "getOperation/only-when/not-done", "What is not done has a response."),
    Misdeed("goes-back", "getOperation/never-decreases/progress", "Half-way the progress falls."),
    Misdeed("begins-anew", "getOperation/never-changes/begun", "createTime is that of the request."),
    Misdeed("runs-again", "getOperation/lifecycle/moves", "What was seen done is not done any more."),
    Misdeed("mixes-up", "getOperation/echoes/name", "The name is that of another operation."),
    Misdeed("leads-nowhere", "renderFilm/hands-over/operation", "The name that a start gives is not found."),
    Misdeed("names-it-badly", "renderFilm/answers/begun", "The name that a start gives is no operation's."),
    Misdeed("shows-what-never-was", "getOperation/answers/unknown", "Any identifier is shown as under way."),
    Misdeed("done-in-words", "getOperation/schema/Operation.done", "done is a text."),
)
CREDENTIALS: dict[str, dict[str, str]] = {"default": {}}
SUBJECTS = {"done": {"id": "f1"}, "failed": {"id": "f2"}, "unknown": {"id": "f404"}}
BODIES: dict[str, dict[str, Any]] = {"renderFilm": {"film": "trailer"}}


class Server(Working):
    """Two films that begin when they are first asked for, and those that are ordered. Until then `done` is left out."""

    MISDEEDS: ClassVar[tuple[Misdeed, ...]] = MISDEEDS
    WORKS: ClassVar[dict[str, bool]] = {"f1": True, "f2": False}

    def answer(self, asked: Asked) -> Told:
        """An operation, or why not."""
        match asked.method, *asked.path.strip("/").split("/"):
            case "POST", "films:render":
                return self._ordered(asked.body)
            case "GET", "operations", name if name in self.works:
                return Told(200, self._shown(self.works[name]))
            case "GET", "operations", name if self.does("shows-what-never-was"):
                return Told(200, self._shown(Work(name)))
        return _refused(404, 5, "not found")

    def _ordered(self, body: Any) -> Told:
        if not isinstance(body, dict) or not isinstance(body.get("film"), str):
            return _refused(400, 3, "film is a text")
        film = Work(f"f{len(self.works) + 1}", began=self.clock())
        self.works[f"{film.name}0" if self.does("leads-nowhere") else film.name] = film
        return Told(200, {"name": f"{'films' if self.does('names-it-badly') else 'operations'}/{film.name}"})

    def _shown(self, film: Work) -> dict[str, Any]:
        share = self.share(film)
        percent = int(100 * self.shown(share))
        made = self.clock() if self.does("begins-anew") else film.began or 0.0
        told: dict[str, Any] = {
            "metadata": {"@type": "films.Metadata", "createTime": moment(made), "progressPercent": percent},
            "name": f"operations/{film.name}{'x' if self.does('mixes-up') else ''}",
        }
        film_itself = {"response": {"url": "https://films.example/f", "@type": "films.Film"}}
        if share < 1:
            return told | (film_itself if self.does("shows-a-draft") else {})
        told |= {"done": "true" if self.does("done-in-words") else True}
        if self.does("neither"):
            return told
        both = film_itself if self.does("both") else {}
        return told | (film_itself if film.good else {"error": {"code": 13, "message": "torn"}, **both})


def _refused(status: int, code: int, why: str) -> Told:
    return Told(status, {"error": {"code": code, "message": why, "status": "NO"}})
