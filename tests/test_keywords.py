"""Each keyword accepts good traces and rejects bad ones, and says nothing where it cannot tell."""

from __future__ import annotations

import copy
import pathlib
import urllib.parse
from collections import Counter
from typing import Any

import pytest

from pollspec.document import loader, pointers
from pollspec.document import source as document
from pollspec.document.keywords import KEYWORDS
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import ELSEWHERE, NEARLY
from pollspec.judge.keywords import counts
from pollspec.judge.keywords.leads import NOWHERE
from pollspec.judge.verdict import Outcome
from tests.conftest import SIXTH, view
from tests.exchanges import Talk

KEPT, BROKEN, DEVIATES, UNTRIED = Outcome.KEPT, Outcome.BROKEN, Outcome.DEVIATES, Outcome.NOT_TRIED
NUMBER = "7b1f0d6e-0000-4000-8000-000000000001"
SECRET = "a long pin of 30 characters / 1"
EXAMPLES = {name: node["value"] for name, node in view(SIXTH).components["examples"].items()}
Step = tuple[str, Any, int, dict[str, Any]]


def baked(times: int) -> list[Step]:
    """Polls of a firing that is in a state of its own."""
    return [get(firing(state="baked"), subject="finished") for _ in range(times)]


def firing(**changes: Any) -> dict[str, Any]:
    """The example of a firing, with changes; `minutes_done` stands for /minutes/done."""
    body: dict[str, Any] = copy.deepcopy(EXAMPLES["Soaking"])
    for name, value in changes.items():
        place = {"minutes_done": "/minutes/done", "lower": "/shelves/1/percent", "glaze": "/shelves/0/glaze"}.get(name)
        pointers.put(body["firing"], place or f"/{name}", value)
    return body


def without(name: str) -> dict[str, Any]:
    """The example of a firing without one field."""
    body = firing()
    del body["firing"][name]
    return body


def get(body: Any, status: int = 200, number: str = NUMBER, fields: str | None = None, **more: Any) -> Step:
    """An answer of getFiring."""
    asked = {"$request.path.number": number} | ({} if fields is None else {"$request.query.fields": fields})
    return "getFiring", body, status, {"values": asked, **more}


def raw(content: bytes, status: int = 200, **more: Any) -> Step:
    """An answer of getFiring, byte by byte."""
    return get(None, status, content=content, **more)


def start(number: str = NUMBER, link: str | None = None, status: int = 202, **more: Any) -> Step:
    """An answer of startFiring."""
    body = {"firing": {"number": number, "link": link or f"/loam/v2/firings/{number}"}}
    return "startFiring", body, status, {"headers": {"Location": body["firing"]["link"]}, **more}


def followed(body: Any, status: int = 200, **more: Any) -> Step:
    """The answer at the Location of startFiring."""
    return "startFiring", body, status, {"link": "sixth/startFiring/leads/202.Location", **more}


def kiln(heat: str, **more: Any) -> Step:
    """An answer of getKiln."""
    return "getKiln", {"heat": heat}, 200, more


def drying(method: str, dry: int, label: str = "bowls", **more: Any) -> Step:
    """An answer of getDrying."""
    return "getDrying", {"label": label, "method": method, "dry": dry}, 200, more


def shelf(name: str, percent: int, glaze: str | None = None) -> dict[str, Any]:
    """A shelf of a firing."""
    return {"name": name, "glaze": glaze, "percent": percent}


LOST = get(None, 0)
NO_SUCH = get({"code": 4040}, 404)
FIRED = firing(state="fired", minutes_done=600, shelves_done=2, lower=100)
STRANGER: dict[str, Any] = {"credential": "none"}
UNKNOWN: dict[str, Any] = {"subject": "unknown", "number": "7b1f0d6e-0000-4000-8000-00000000dead"}
PIN: dict[str, Any] = {"sends": {"recipe": "bisque", "pin": SECRET}}
SHORT = {"sends": {"recipe": "bisque", "pin": "0000"}}
NO_RECIPE: dict[str, Any] = {"values": {"$request.body#/recipe": None}}

PART = {"firing": {"state": "soaking"}}
NEAR: dict[str, Any] = {"subject": NEARLY, "number": "7b1f0d6e-0000-4000-8000-00000000000a"}
POTTER = view(SIXTH).credentials["default"]["$request.header.X-Potter"]

CASES: dict[str, list[tuple[Outcome, str, list[Step]]]] = {
    "getFiring/status/success": [
        (KEPT, "a documented success", [get(firing())]),
        (BROKEN, "an undocumented success", [get(firing(), 201)]),
        (BROKEN, "one of many is undocumented", [get(firing()), get(firing(), 206), get(firing())]),
        (UNTRIED, "a refusal", [NO_SUCH]),
        (UNTRIED, "no answer", [LOST]),
    ],
    "getFiring/status/no-crash": [
        (KEPT, "an undocumented 4xx or 503", [get({}, 418), get({}, 503)]),
        (DEVIATES, "an undocumented 500", [get({}, 500)]),
    ],
    "getFiring/response/200": [
        (KEPT, "JSON", [get(firing())]),
        (KEPT, "a charset, in capitals", [get(firing(), headers={"Content-Type": "Application/JSON; charset=UTF-8"})]),
        (KEPT, "a field more than documented", [get(firing(colour="red"))]),
        (BROKEN, "HTML", [get(firing(), headers={"Content-Type": "text/html"})]),
        (DEVIATES, "JSON that nothing says is JSON", [get(firing(), headers={"Content-Type": ""})]),
        (BROKEN, "no content type, and no JSON", [raw(b"<h1>It fires</h1>", headers={"Content-Type": ""})]),
        (BROKEN, "an empty body", [raw(b"")]),
        (BROKEN, "not a number", [raw(b'{"firing": NaN}')]),
        (BROKEN, "a number out of every range", [raw(b'{"firing": 1e999}')]),
        (BROKEN, "trailing garbage", [raw(b"{} {}")]),
        (BROKEN, "invalid UTF-8", [raw(b'{"\xff": 1}')]),
        (BROKEN, "a lone surrogate", [raw(b'{"firing": "\\ud800"}')]),
        (BROKEN, "nested too deeply", [raw(b"[" * 100_000)]),
        (BROKEN, "a broken coding", [raw(b"{}", flaw="a broken gzip body")]),
        (BROKEN, "a list", [get([])]),
        (UNTRIED, "an undocumented status", [get("busy", 503)]),
    ],
    "getFiring/response/NoSuchFiring": [
        (KEPT, "the vendor's own refusal", [NO_SUCH]),
        (BROKEN, "JSON that says it is text", [get({"code": 4040}, 404, headers={"Content-Type": "text/plain"})]),
        (UNTRIED, "a gateway's page", [raw(b"<h1>Not Found</h1>", 404, headers={"Content-Type": "text/html"})]),
    ],
    "getFiring/response/unambiguous": [
        (KEPT, "each name once", [get(firing())]),
        (DEVIATES, "a name twice", [raw(b'{"firing": {"state": "fired", "state": "soaking"}}')]),
        (DEVIATES, "a byte order mark", [raw(b"\xef\xbb\xbf{}")]),
        (UNTRIED, "no JSON at all", [raw(b"{")]),
    ],
    "startFiring/header/202.Location": [
        (KEPT, "a Location", [start()]),
        (KEPT, "a Location in lower case", [start(headers={"location": "/firings/1"})]),
        (BROKEN, "no Location", [("startFiring", EXAMPLES["Started"], 202, {})]),
        (BROKEN, "an empty Location", [start(headers={"Location": ""})]),
        (BROKEN, "a Location that is no URI", [start(headers={"Location": "not a <link>"})]),
        (UNTRIED, "another status", [("startFiring", {"code": 4220}, 422, {})]),
    ],
    "getFiring/schema/Firing.minutes": [
        (KEPT, "as documented", [get(firing())]),
        (BROKEN, "left out", [get(without("minutes"))]),
        (BROKEN, "null", [get(firing(minutes=None))]),
        (KEPT, "the wrong type is inside", [get(firing(minutes={"total": 1}))]),
        (UNTRIED, "left out on request", [get({"firing": {"state": "fired"}}, fields="firing(state)")]),
        (UNTRIED, "nothing shown", [get({})]),
    ],
    "getFiring/schema/Minutes.done": [
        (KEPT, "an integer", [get(firing(minutes_done=0))]),
        (KEPT, "an integer with a point", [get(firing(minutes_done=300.0))]),
        (BROKEN, "a text", [get(firing(minutes_done="300"))]),
        (BROKEN, "a boolean", [get(firing(minutes_done=True))]),
        (BROKEN, "below its minimum", [get(firing(minutes_done=-1))]),
        (BROKEN, "left out", [get(firing(minutes={"total": 600}))]),
    ],
    "getFiring/schema/Shelf.percent": [
        (KEPT, "of every item", [get(firing())]),
        (BROKEN, "of the second item", [get(firing(lower=101))]),
        (UNTRIED, "no items", [get(firing(shelves=[]))]),
    ],
    "getFiring/schema/Firing.problem": [
        (KEPT, "null", [get(firing())]),
        (KEPT, "a text", [get(firing(problem="wet"))]),
        (BROKEN, "left out, which is not null", [get(without("problem"))]),
        (BROKEN, "a number", [get(firing(problem=3))]),
    ],
    "getFiring/schema/Firing.mood": [
        (KEPT, "an unknown value of an open list", [get(firing(mood="melancholic"))]),
        (BROKEN, "null, which is not left out", [get(firing(mood=None))]),
        (UNTRIED, "optional", [get(without("mood"))]),
    ],
    "getFiring/schema/Firing.began_at": [
        (KEPT, "a date-time in another zone", [get(firing(began_at="2026-11-24T09:00:00+01:00"))]),
        (BROKEN, "no date-time", [get(firing(began_at="24.11.2026"))]),
        (BROKEN, "no zone", [get(firing(began_at="2026-11-24T08:00:00"))]),
    ],
    "getFiring/answers/exists": [
        (KEPT, "shown", [get(firing(), subject="finished")]),
        (BROKEN, "not shown", [get({}, subject="finished")]),
        (BROKEN, "not found", [get({"code": 4040}, 404, subject="finished")]),
        (UNTRIED, "nobody said that it exists", [get(firing())]),
        (UNTRIED, "the credential was not accepted", [get({"code": 4010}, 401, subject="finished")]),
        (UNTRIED, "too busy", [get({}, 429, subject="finished"), get({}, 503, subject="finished")]),
        (KEPT, "it may vanish after its end", [get(FIRED, subject="finished"), get({}, subject="finished")]),
        (KEPT, "it may have ended unseen", [get(firing(), subject="finished"), get({}, subject="finished")]),
        (BROKEN, "it has gone, and comes back", [get(told, subject="finished") for told in (firing(), {}, firing())]),
    ],
    "getFiring/answers/unknown": [
        (KEPT, "the code, as a number", [get({"code": 4040}, 404, **UNKNOWN)]),
        (KEPT, "the code, as a text, anywhere", [get({"error": [{"code": "4040"}]}, 404, **UNKNOWN)]),
        (DEVIATES, "the observed alternative", [get({"code": 4041}, 404, **UNKNOWN)]),
        (BROKEN, "another code", [get({"code": 4042}, 404, **UNKNOWN)]),
        (BROKEN, "the code inside a longer number", [get({"code": 40400}, 404, **UNKNOWN)]),
        (BROKEN, "the code with another status", [get({"code": 4040}, 400, **UNKNOWN)]),
        (UNTRIED, "another identifier", [NO_SUCH]),
    ],
    "getFiring/answers/code-of-404": [
        (KEPT, "whatever is asked", [NO_SUCH]),
        (BROKEN, "another code", [get({"code": 1}, 404)]),
        (UNTRIED, "another status", [get({"code": 1}, 410)]),
    ],
    "startFiring/answers/at-once": [
        (KEPT, "started", [start(values={"$request.query.wait": "0"})]),
        (BROKEN, "refused", [start(status=400, values={"$request.query.wait": "0"})]),
        (UNTRIED, "nothing to fire", [start(values={"$request.query.wait": "0", "$request.body#/recipe": ""})]),
        (UNTRIED, "asked to wait", [start(values={"$request.query.wait": "10"})]),
        (UNTRIED, "busy", [start(status=status, values={"$request.query.wait": "0"}) for status in (409, 423)]),
    ],
    "getFiring/refuses/no-credential": [
        (KEPT, "refused", [get({"code": 4010}, 401, **STRANGER)]),
        (DEVIATES, "shown", [get(firing(), **STRANGER)]),
        (DEVIATES, "refused, and shown all the same", [get(firing(), 401, **STRANGER)]),
        (DEVIATES, "refused for what else is wrong, and shown all the same", [get(firing(), 404, "42", **STRANGER)]),
        (UNTRIED, "refused for what else is wrong", [get({"code": 4040}, 404, "42", **STRANGER)]),
        (UNTRIED, "with a credential", [get(firing())]),
        (UNTRIED, "too busy", [get({}, 429, **STRANGER)]),
    ],
    "getFiring/refuses/wrong-credential": [
        (KEPT, "refused", [get({"code": 4010}, 401, credential="invalid")]),
        (DEVIATES, "shown", [get(firing(), credential="invalid")]),
        (UNTRIED, "without a credential", [get({"code": 4010}, 401, **STRANGER)]),
    ],
    "getFiring/refuses/not-yours": [
        (KEPT, "refused", [get({"code": 4030}, 403, credential="unprivileged")]),
        (BROKEN, "shown", [get(firing(), credential="unprivileged")]),
    ],
    "getFiring/refuses/no-number": [
        (KEPT, "refused", [get({"code": 4040}, 404, number="clay")]),
        (DEVIATES, "found", [get(firing(), number="clay")]),
        (UNTRIED, "a number", [get(firing())]),
    ],
    "startFiring/refuses/no-recipe": [
        (KEPT, "refused", [("startFiring", {"code": 4220}, 422, NO_RECIPE)]),
        (BROKEN, "started", [start(**NO_RECIPE)]),
        (BROKEN, "refused with another status", [("startFiring", {"code": 4220}, 400, NO_RECIPE)]),
        (UNTRIED, "with a recipe", [start()]),
    ],
    "startFiring/keeps-secret/pin": [
        (KEPT, "nowhere", [start(**PIN), get(firing())]),
        (DEVIATES, "in the answer", [("startFiring", {"pin": SECRET}, 202, PIN)]),
        (DEVIATES, "in a header, quoted", [start(**PIN, headers={"Location": f"/{urllib.parse.quote(SECRET, '')}"})]),
        (DEVIATES, "in base64", [("startFiring", {"p": "YSBsb25nIHBpbiBvZiAzMCBjaGFyYWN0ZXJzIC8gMQ=="}, 202, PIN)]),
        (DEVIATES, "later, of another operation", [start(**PIN), get(firing(problem=f"the pin is {SECRET}"))]),
        (UNTRIED, "too short to be told from other text", [("startFiring", {"pin": "0000"}, 202, SHORT)]),
        (UNTRIED, "no answer", [("startFiring", None, 0, PIN)]),
    ],
    "getFiring/selects/only-named": [
        (KEPT, "what is named", [get({"firing": {"state": "fired"}}, fields="firing(state)")]),
        (KEPT, "less than what is named", [get({}, fields="firing(state,minutes(done))")]),
        (BROKEN, "more than what is named", [get(firing(), fields="firing(state)")]),
        (BROKEN, "more in an item", [get({"firing": {"shelves": [shelf("a", 1)]}}, fields="firing(shelves(name))")]),
        (UNTRIED, "nothing named", [get(firing())]),
        (UNTRIED, "no projection", [get(firing(), fields="firing(")]),
        (UNTRIED, "refused", [get({"code": 4040}, 404, fields="firing(state)")]),
    ],
    "getFiring/selects/all-named": [
        (KEPT, "as in the full answer", [get(firing()), get({"firing": {"state": "fired"}}, fields="firing(state)")]),
        (KEPT, "the full answer lacks it", [get(without("mood")), get({"firing": {}}, fields="firing(mood)")]),
        (DEVIATES, "lost", [get(firing()), get({"firing": {}}, fields="firing(state)")]),
        (DEVIATES, "all lost", [get(firing()), get({}, fields="firing(state)")]),
        (UNTRIED, "no full answer before", [get({"firing": {}}, fields="firing(state)"), get(firing())]),
        (UNTRIED, "of another firing", [get(firing(), number="other"), get({}, fields="firing(state)")]),
    ],
    "getFiring/echoes/number": [
        (KEPT, "repeated", [get(firing())]),
        (KEPT, "in capitals", [get(firing(number=NUMBER.upper()))]),
        (BROKEN, "another", [get(firing(number="7b1f0d6e-0000-4000-8000-000000000002"))]),
        (UNTRIED, "left out", [get(without("number"))]),
        (UNTRIED, "refused", [get(firing(number="another"), 404)]),
    ],
    "getFiring/echoes/link-holds-number": [
        (KEPT, "held", [get(firing(link=f"https://kiln/any/where/{NUMBER.upper()}?x=1"))]),
        (DEVIATES, "not held", [get(firing(link="/firings/latest"))]),
        (DEVIATES, "held in a longer one", [get(firing(link=f"/firings/{NUMBER}7"))]),
        (DEVIATES, "held at the end of a longer one", [get(firing(link=f"/firings/x{NUMBER}"))]),
    ],
    "startFiring/echoes/link": [
        (KEPT, "a path", [start()]),
        (KEPT, "absolute, with a query", [start(link=f"https://kiln/loam/v2/firings/{NUMBER}/?brief=1")]),
        (BROKEN, "to another firing", [start(link="/firings/7b1f0d6e-0000-4000-8000-000000000002")]),
        (BROKEN, "beyond it", [start(link=f"/firings/{NUMBER}/shelves")]),
        (BROKEN, "to something of another name", [start(link=f"/misfirings/{NUMBER}")]),
        (BROKEN, "no text", [("startFiring", {"firing": {"number": NUMBER, "link": 7}}, 202, {})]),
        (UNTRIED, "no link", [("startFiring", {"firing": {"number": NUMBER}}, 202, {})]),
    ],
    "getFiring/echoes/same-link": [
        (KEPT, "as before", [get(firing(link="/a/b")), get(firing(link="https://kiln/loam/a/b/"))]),
        (DEVIATES, "another", [get(firing(link="/a/b")), get(firing(link="/a/c"))]),
        (DEVIATES, "another, after none", [get(firing(link="/a/b")), get(without("link")), get(firing(link="/a/c"))]),
        (UNTRIED, "of two firings", [get(firing(link="/a/b")), get(firing(link="/a/c"), number="other")]),
        (UNTRIED, "at the same time", [get(firing(link="/a"), at=0, took=2), get(firing(link="/b"), at=1, took=2)]),
    ],
    "getFiring/at-most/minutes": [
        (KEPT, "as many", [get(firing(minutes={"done": 600, "total": 600}))]),
        (DEVIATES, "more", [get(firing(minutes={"done": 601, "total": 600}))]),
        (UNTRIED, "no limit", [get(firing(minutes={"done": 601}))]),
        (UNTRIED, "no number", [get(firing(minutes={"done": "601", "total": True}))]),
    ],
    "getFiring/at-most/dates": [
        (KEPT, "the same instant in two zones", [get(firing(changed_at="2026-11-24T09:00:00+01:00"))]),
        (DEVIATES, "before", [get(firing(changed_at="2026-11-24T08:59:59+01:00"))]),
        (UNTRIED, "no date-time", [get(firing(changed_at="yesterday"))]),
    ],
    "getFiring/counts/shelves": [
        (KEPT, "as many", [get(firing())]),
        (KEPT, "fewer", [get(firing(shelves=[]))]),
        (DEVIATES, "more", [get(firing(shelf_count=1))]),
        (UNTRIED, "no list", [get(firing(shelves=None))]),
    ],
    "getFiring/counts/shelves-unfinished": [
        (KEPT, "one is done, one is not", [get(firing())]),
        (DEVIATES, "both are counted, one is not done", [get(firing(shelves_done=2))]),
        (UNTRIED, "no count", [get(without("shelves_done"))]),
    ],
    "getFiring/only-when/cracked-says-why": [
        (KEPT, "why", [get(firing(state="cracked", problem="wet"))]),
        (BROKEN, "null", [get(firing(state="cracked"))]),
        (BROKEN, "an empty text", [get(firing(state="cracked", problem=""))]),
        (UNTRIED, "not cracked", [get(firing(problem="wet"))]),
        (UNTRIED, "left out on request", [get({"firing": {"state": "cracked"}}, fields="firing(state)")]),
    ],
    "getFiring/only-when/whole-has-no-problem": [
        (KEPT, "null", [get(firing(state="queued")), get(firing(state="warming_fast"))]),
        (BROKEN, "a problem", [get(firing(problem="wet"))]),
        (UNTRIED, "an end", [get(firing(state="fired", problem="wet"))]),
    ],
    "getFiring/never-decreases/minutes": [
        (KEPT, "grows and stays", [get(firing(minutes_done=n)) for n in (1, 1, 300)]),
        (DEVIATES, "goes back", [get(firing(minutes_done=n)) for n in (1, 300, 299)]),
        (DEVIATES, "goes back, after nothing", [get(firing(minutes_done=2)), get({}), get(firing(minutes_done=1))]),
        (KEPT, "goes back, of two firings", [
            *(get(firing(minutes_done=n)) for n in (2, 3)),
            get(firing(minutes_done=1), number="other"),
        ]),
        (UNTRIED, "goes back, as the door was opened", [
            get(firing(minutes_done=2)),
            get(firing(minutes_done=1, opened=True)),
        ]),
        (UNTRIED, "only one", [get(firing())]),
        (UNTRIED, "no numbers", [get(firing(minutes_done="2")), get(firing(minutes_done="1"))]),
    ],
    "getFiring/never-decreases/shelves": [
        (KEPT, "one more", [get(firing(shelves=[shelf("a", 1)])), get(firing())]),
        (DEVIATES, "one fewer", [get(firing()), get(firing(shelves=[shelf("a", 1)]))]),
        (UNTRIED, "no list", [get(firing()), get(firing(shelves=None))]),
    ],
    "getFiring/never-decreases/changed-at": [
        (KEPT, "later, in another zone", [
            get(firing(changed_at="2026-11-24T13:00:00Z")),
            get(firing(changed_at="2026-11-24T13:30:00+00:30")),
        ]),
        (DEVIATES, "earlier, in another zone", [
            get(firing(changed_at="2026-11-24T13:00:00Z")),
            get(firing(changed_at="2026-11-24T13:30:00+01:00")),
        ]),
        (KEPT, "the same, cut off and rounded", [
            get(firing(changed_at=f"2026-11-24T13:00:{second}Z")) for second in ("07.119", "07", "07.119204", "07.12")
        ]),
        (DEVIATES, "earlier by more than a whole second tells", [
            get(firing(changed_at="2026-11-24T13:00:07.119Z")),
            get(firing(changed_at="2026-11-24T13:00:06Z")),
        ]),
        (DEVIATES, "earlier by a millisecond, told as well", [
            get(firing(changed_at="2026-11-24T13:00:07.119Z")),
            get(firing(changed_at="2026-11-24T13:00:07.118Z")),
        ]),
    ],
    "getFiring/never-decreases/shelf": [
        (KEPT, "in another order, and one more", [
            get(firing(shelves=[shelf("a", 10), shelf("b", 50)])),
            get(firing(shelves=[shelf("b", 60), shelf("c", 0), shelf("a", 10)])),
        ]),
        (DEVIATES, "one goes back", [
            get(firing(shelves=[shelf("a", 10), shelf("b", 50)])),
            get(firing(shelves=[shelf("b", 40), shelf("a", 10)])),
        ]),
        (UNTRIED, "two of one name", [get(firing(shelves=[shelf("a", n), shelf("a", 1)])) for n in (9, 5)]),
        (UNTRIED, "no items", [get(firing(shelves=[])), get(firing(shelves=None))]),
    ],
    "getFiring/never-changes/identity": [
        (KEPT, "the same, written otherwise", [
            get(firing()),
            get(firing(number=NUMBER.upper(), began_at="2026-11-24T09:00:00+01:00")),
            get(firing(began_at="2026-11-24T08:00:00.250Z")),
        ]),
        (DEVIATES, "begun at another moment", [get(firing()), get(firing(began_at="2026-11-24T08:00:01.250Z"))]),
        (DEVIATES, "another recipe", [get(firing()), get(firing(recipe="raku"))]),
        (DEVIATES, "another recipe, after none", [get(firing()), get(without("recipe")), get(firing(recipe="r"))]),
        (UNTRIED, "only one", [get(firing())]),
    ],
    "getFiring/never-changes/glaze": [
        (KEPT, "known later", [get(firing(glaze=g)) for g in (None, "ash", "ash")]),
        (KEPT, "empty at first", [get(firing(glaze=g)) for g in ("", "ash", "ash")]),
        (DEVIATES, "another", [get(firing(glaze=g)) for g in (None, "ash", "celadon")]),
        (UNTRIED, "never known", [get(firing(shelves=[shelf("a", 1)])), get(firing(shelves=[shelf("a", 2)]))]),
    ],
    "getFiring/never-changes/opened": [
        (KEPT, "opened for good", [get(firing(opened=o)) for o in (False, True, True)]),
        (DEVIATES, "closed again", [get(firing(opened=o)) for o in (False, True, False)]),
        (UNTRIED, "never opened", [get(firing(opened=o)) for o in (False, False)]),
    ],
    "getFiring/lifecycle/ends": [
        (KEPT, "stays", [get(FIRED), get(FIRED)]),
        (KEPT, "is cleared away", [get(FIRED), get({}), get({})]),
        (KEPT, "an unlisted state says nothing", [get(FIRED), get(firing(state="resting"))]),
        (KEPT, "asked for the minutes alone", [
            get(FIRED),
            get({"firing": {"minutes": {}}}, fields="firing(minutes)"),
            get(FIRED),
        ]),
        (DEVIATES, "burns again", [get(FIRED), get(firing())]),
        (DEVIATES, "cracks after all", [get(FIRED), get(firing(state="cracked", problem="wet"))]),
        (DEVIATES, "comes back", [get(firing()), get({}), get(firing())]),
        (UNTRIED, "was not there yet", [get({}), get(firing())]),
        (UNTRIED, "never ends", [get(firing(state="queued")), get(firing())]),
        (UNTRIED, "one poll", [get(FIRED)]),
    ],
    "getFiring/lifecycle/fires": [
        (KEPT, "fired", [get(firing(), subject="finished"), get(FIRED, subject="finished")]),
        (BROKEN, "stays in a state of its own", baked(90)),
        (UNTRIED, "is in a state of its own for a while", baked(60)),
        (UNTRIED, "not yet", [get(firing(), subject="finished")]),
        (UNTRIED, "another subject", [get(firing(state="baked"), subject="cracked") for _ in range(3)]),
        (UNTRIED, "on the way to a state of its own", [get(firing(state=s), subject="finished") for s in "abc"]),
    ],
    "getFiring/distinct/shelves": [
        (KEPT, "each its own", [get(firing(shelves=[shelf("upper", 1), shelf("lower", 1)]))]),
        (DEVIATES, "one twice", [get(firing(shelves=[shelf("upper", 1), shelf("upper", 2)]))]),
        (DEVIATES, "one as the firing", [get(firing(shelves=[shelf(NUMBER, 1)]))]),
        (UNTRIED, "none", [get(firing(shelves=[]))]),
    ],
    "getFiring/status/4040": [
        (KEPT, "the code with its status", [NO_SUCH]),
        (BROKEN, "the code with another status", [get({"code": 4040}, 422)]),
        (UNTRIED, "another code", [get({"code": 4220}, 422)]),
        (UNTRIED, "the code elsewhere", [get({"codes": [4040]}, 422)]),
    ],
    "getFiring/lifecycle/moves": [
        (KEPT, "goes on", [get(firing(state="warming_up")), get(firing())]),
        (KEPT, "skips a stage", [get(firing(state="warming_up")), get(FIRED)]),
        (KEPT, "soaks, and is warmed again", [get(firing()), get(firing(state="warming_up"))]),
        (DEVIATES, "waits again", [get(firing()), get(firing(state="queued"))]),
    ],
    "getFiring/accepts/allowed": [
        (KEPT, "shown again", [get(firing()), get(firing())]),
        (KEPT, "too busy", [get(firing()), get({}, 429), get(firing())]),
        (KEPT, "an option that nobody knows", [get(firing()), get({}, 400, fields="colour"), get(firing())]),
        (DEVIATES, "refused", [get(firing()), get({}, 400)]),
        (DEVIATES, "refused with a documented option", [get(firing()), get({}, 400, fields="firing(state)")]),
        (DEVIATES, "lost for a moment", [get(firing()), NO_SUCH, get(firing())]),
        (KEPT, "refused at first", [get({}, 400), get(firing())]),
        (UNTRIED, "never shown", [get({}, 400), NO_SUCH]),
    ],
    "getFiring/accepts/login": [
        (KEPT, "accepted again", [get(firing()), get(firing())]),
        (KEPT, "refused at last", [get(firing()), get(firing()), get({}, 401)]),
        (KEPT, "another is refused", [get(firing()), get({}, 401, credential="invalid"), get(firing())]),
        (DEVIATES, "refused once", [get(firing()), get({}, 401), get(firing())]),
    ],
    "getFiring/alike/views": [
        (KEPT, "the same", [get(FIRED), get({"firing": {"state": "fired"}}, fields="firing(state)"), get(FIRED)]),
        (UNTRIED, "what may come back", [get(firing()), get(PART, fields="firing(state)"), get(firing())]),
        (DEVIATES, "another state", [get(FIRED), get(PART, fields="firing(state)"), get(FIRED)]),
        (UNTRIED, "it has moved on", [get(firing()), get(PART, fields="firing(state)"), get(FIRED)]),
        (UNTRIED, "asked in one way", [get(firing()), get(firing())]),
        (UNTRIED, "asked for other parts", [get(firing()), get({"firing": {}}, fields="firing(mood)"), get(firing())]),
    ],
    "getFiring/tells-apart/identifiers": [
        (KEPT, "not found", [get({"code": 4040}, 404, **NEAR)]),
        (KEPT, "nothing shown", [get({}, **NEAR)]),
        (DEVIATES, "shown", [get(firing(), **NEAR)]),
        (UNTRIED, "too busy", [get({}, 503, **NEAR)]),
        (UNTRIED, "known", [get(firing())]),
    ],
    "startFiring/leads/202.Location": [
        (KEPT, "something", [followed({})]),
        (KEPT, "something not for everybody", [followed({}, 403)]),
        (KEPT, "something that was there", [followed({}, 410)]),
        (DEVIATES, "nothing", [followed({"code": 4040}, 404)]),
        (DEVIATES, "another server", [followed(None, 0, trouble=ELSEWHERE)]),
        (UNTRIED, "too busy", [followed({}, 503)]),
        (UNTRIED, "as where there is no route", [followed({}, 404, at_path=NOWHERE), followed({}, 404)]),
        (UNTRIED, "not followed", [start(), get(firing())]),
    ],
    "getFiring/keeps-secret/credentials": [
        (KEPT, "nowhere", [get(firing())]),
        (DEVIATES, "in the body", [get(firing(mood=POTTER))]),
        (DEVIATES, "in a header", [get(firing(), headers={"Content-Type": "application/json", "X-Debug": POTTER})]),
        (UNTRIED, "a stranger's", [get({}, 401, **STRANGER)]),
    ],
    "startFiring/hands-over/found": [
        (KEPT, "found", [start(), get(firing())]),
        (BROKEN, "not found", [start(), NO_SUCH]),
        (KEPT, "found, and lost later", [start(), get(firing()), NO_SUCH]),
        (UNTRIED, "never asked for", [start(), get(firing(), number="other")]),
        (UNTRIED, "too busy", [start(), get({}, 503)]),
        (UNTRIED, "asked for before", [NO_SUCH, start()]),
        (UNTRIED, "not started", [start(status=422), NO_SUCH]),
    ],
    "startFiring/hands-over/number-of-its-own": [
        (KEPT, "another", [start(), get(firing()), start("other"), get(firing(), number="other")]),
        (DEVIATES, "the same", [start(), get(firing()), start(), get(firing())]),
        (DEVIATES, "the same in capitals", [start(), get(firing()), start(NUMBER.upper()), get(firing())]),
        (KEPT, "the same of another server", [start(), get(firing()), start(session=1), get(firing(), session=1)]),
        (UNTRIED, "never asked for", [start(), start()]),
    ],
    "startFiring/hands-over/recipe": [
        (KEPT, "shown", [start(), get(firing())]),
        (DEVIATES, "not shown", [start(), get(without("recipe"))]),
    ],
    "startFiring/hands-over/before-the-end": [
        (KEPT, "at once", [start(values={"$request.query.wait": "0"}), get(FIRED)]),
        (KEPT, "slow, and not at its end", [start(values={"$request.query.wait": "0"}, took=40), get(firing())]),
        (DEVIATES, "slow, and at its end", [start(values={"$request.query.wait": "0"}, took=40), get(FIRED)]),
        (UNTRIED, "asked to wait", [start(values={"$request.query.wait": "60"}, took=40), get(FIRED)]),
    ],
    "getKiln/agrees/at-the-end": [
        (KEPT, "the same end", [start(), kiln("hot"), get(FIRED), kiln("fired")]),
        (DEVIATES, "another end", [start(), get(FIRED), kiln("cracked")]),
        (DEVIATES, "no end", [start(), get(FIRED), kiln("hot", at=100)]),
        (UNTRIED, "no end yet", [start(), get(FIRED), kiln("hot")]),
        (KEPT, "an end that the kiln does not show", [start(), get(firing(opened=True)), kiln("cold")]),
        (DEVIATES, "still hot after it was opened", [start(), get(firing(opened=True)), kiln("hot", at=100)]),
        (UNTRIED, "not ended", [start(), get(firing()), kiln("fired")]),
        (DEVIATES, "an end in between", [start(), get(firing()), kiln("fired"), get(firing(), at=100)]),
        (UNTRIED, "asked at the same time", [start(), get(FIRED, at=5, took=3), kiln("hot", at=6, took=1)]),
        (UNTRIED, "another was started since", [start(), get(FIRED), start(number="other"), kiln("hot")]),
        (UNTRIED, "nobody saw it start", [get(FIRED), kiln("hot")]),
    ],
}  # fmt: skip
ROWS = [
    pytest.param(belief, outcome, steps, id=f"{belief}: {words}")
    for belief, cases in CASES.items()
    for outcome, words, steps in cases
]


@pytest.mark.parametrize(("belief", "outcome", "steps"), ROWS)
def test_judges(sixth: Vendor, belief: str, outcome: Outcome, steps: list[Step]) -> None:
    """A belief meets the outcome that its row says."""
    talk = Talk(sixth)
    for operation, body, status, more in steps:
        talk.say(operation, body, status, **more)
    verdict = talk.verdict(belief)
    assert (verdict.outcome, verdict.wants if outcome is KEPT else "") == (outcome, ""), verdict


def test_each_keyword_is_in_the_table() -> None:
    """Each keyword has rows that hold and rows that do not, nearly as many of one as of the other.

    The rows of `moves` are those of a document that has something to move (test_shapes).
    """
    met = Counter((belief.split("/")[1], outcome) for belief, cases in CASES.items() for outcome, _, _ in cases)
    for keyword in set(KEYWORDS) - {"sample", "moves"}:
        assert met[keyword, KEPT] and met[keyword, BROKEN] + met[keyword, DEVIATES], keyword
    good = sum(number for (_, outcome), number in met.items() if outcome is KEPT)
    bad = sum(number for (_, outcome), number in met.items() if outcome in {BROKEN, DEVIATES})
    assert 0.7 < good / bad < 1.4


def mutated(old: str, new: str) -> Vendor:
    """The sixth document with one text replaced."""
    text = pathlib.Path(SIXTH).read_text(encoding="utf-8")
    assert text.count(old) == 1
    return loader.view(document.parse(text.replace(old, new), "sixth", SIXTH))


def test_good_samples(sixth: Vendor) -> None:
    """Every printed sample satisfies its schema, without a server."""
    samples = [belief for belief in sixth.beliefs if belief.keyword == "sample"]
    assert len(samples) == 13
    assert {Talk(sixth).outcome(belief.id.removeprefix("sixth/")) for belief in samples} == {KEPT}


def test_bad_sample() -> None:
    """A sample that does not satisfy its schema is a finding that says where."""
    vendor = mutated("minutes: {done: 300, total: 600}", "minutes: {done: 300}")
    verdict = Talk(vendor).verdict("getFiring/sample/200.soaking")
    assert verdict.outcome is BROKEN
    assert verdict.findings[0].expected == "total (required)"
    assert verdict.findings[0].actual == "nothing at /firing/minutes/total"


def test_finding_says_where_it_is(sixth: Vendor) -> None:
    """A finding has the exchange that shows it, and the earlier one that it contradicts."""
    talk = Talk(sixth)
    for operation, body, status, more in [get(firing(minutes_done=5)), get({}), get(firing(minutes_done=3))]:
        talk.say(operation, body, status, **more)
    (finding,) = talk.verdict("getFiring/never-decreases/minutes").findings
    assert (finding.at.number, finding.since and finding.since.number) == (2, 0)
    assert (finding.expected, finding.actual) == ("$response.body#/firing/minutes/done: at least 5", "3")


def test_one_mistake_is_one_finding(sixth: Vendor) -> None:
    """Where a value is missing, the schema says so, and no other belief takes offence."""
    talk = Talk(sixth)
    for operation, body, status, more in [get(firing()), get(without("minutes")), get(firing())]:
        talk.say(operation, body, status, **more)
    broken = [b.id for b in sixth.beliefs if talk.outcome(b.id.removeprefix("sixth/")) in {BROKEN, DEVIATES}]
    assert broken == ["sixth/getFiring/schema/Firing.minutes"]


def test_an_error_of_our_own_costs_one_belief(sixth: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyword that fails is reported as ours, and the other beliefs are judged."""

    def fails(monitor: object, sight: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(counts.Judging, "see", fails)
    talk = Talk(sixth)
    operation, body, status, more = get(firing())
    talk.say(operation, body, status, **more)
    verdict = talk.verdict("getFiring/counts/shelves")
    assert verdict.outcome is Outcome.COULD_NOT_RUN
    assert verdict.wants.startswith("an error of pollspec's own (ZeroDivisionError in pollspec.")
    assert talk.outcome("getFiring/at-most/minutes") is KEPT
