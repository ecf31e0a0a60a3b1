"""What nobody derived from a belief: servers go wrong as servers do, and it is seen wherever a sentence is broken."""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pollspec import spec
from pollspec.proof import prove
from pollspec.proof.second_reading import second_reading
from pollspec.servers.variations.variation import mapped
from tests.servers import Asked, Told

FOLDER = str(pathlib.Path(__file__).parent / "servers")
LOGINS = ("authorization", "sec", "x-auth-token")
Past = list[tuple[Asked, Told]]
Deed = Callable[[Asked, Told, Past], Told | None]
"""Another answer in place of a true one, None for none; the second reading's exchanges before it."""


def mine(asked: Asked, past: Past) -> list[Told]:
    """The earlier answers to the same request."""
    return [told for one, told in past if (one.path, one.query) == (asked.path, asked.query)]


def whole(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def once(body: Callable[[Any], Any], place: int = 3) -> Deed:
    """One success has another body."""

    def deed(asked: Asked, told: Told, past: Past) -> Told | None:
        return replace(told, body=body(told.body)) if told.status == 200 and len(mine(asked, past)) == place else None

    return deed


def later(change: Callable[[Any], Any], place: int = 3) -> Deed:
    """From some success on, each scalar is another one."""

    def deed(asked: Asked, told: Told, past: Past) -> Told | None:
        late = told.status == 200 and len(mine(asked, past)) > place
        return replace(told, body=mapped(told.body, change)) if late else None

    return deed


def login(asked: Asked) -> str | None:
    """What a request was signed with."""
    return next(
        (asked.headers[name] for name in ("authorization", "sec", "x-auth-token") if name in asked.headers), None
    )


def old_now_and_then(asked: Asked, told: Told, past: Past) -> Told | None:
    """A cache answers what was true three polls ago."""
    before = mine(asked, past)
    return before[-3] if len(before) >= 3 and len(before) % 4 == 3 else None


def anothers(asked: Asked, told: Told, past: Past) -> Told | None:
    """Now and then the answer is that about another one."""
    others = [u for one, u in past if one.path != asked.path and u.status == told.status == 200]
    alike = [u for u in others if isinstance(told.body, dict) and set(u.body) == set(told.body)]
    return alike[-1] if alike and len(mine(asked, past)) % 5 == 4 else None


def the_first_ones(asked: Asked, told: Told, past: Past) -> Told | None:
    """Whoever is asked about, the first one is shown."""
    place = asked.path.rpartition("/")[0]
    first, shown = next(((one, u) for one, u in past if u.status == 200 and one.path.startswith(place)), (asked, told))
    return shown if told.status == 200 and first.path != asked.path else None


def tells_the_login(asked: Asked, told: Told, past: Past) -> Told | None:
    """A refusal repeats what the request was signed with."""
    said = login(asked) if told.status >= 400 and isinstance(told.body, dict) else None
    return replace(told, body={**told.body, "debug": said}) if said else None


def tells_the_login_in_a_header(asked: Asked, told: Told, past: Past) -> Told | None:
    """Every answer repeats it."""
    said = login(asked)
    return Told(told.status, told.body, {**told.headers, "X-Echo": said}, told.media) if said else None


def refuses_and_shows(asked: Asked, told: Told, past: Past) -> Told | None:
    """Who is refused is shown what somebody else has seen."""
    seen = [u for one, u in past if one.path == asked.path and u.status == 200]
    return seen[-1] if told.status in {401, 403} and seen else None


def shows_what_failed_anywhere(asked: Asked, told: Told, past: Past) -> Told | None:
    """What has failed is shown under any address that ends as its own does."""
    place, _, name = asked.path.rpartition("/")
    seen = [u for one, u in past if one.path.rpartition("/")[2] == name and not one.path.startswith(place)]
    failed = [u for u in seen if u.status == 200 and "fail" in str(u.body)]
    return failed[-1] if told.status in {403, 404} and failed else None


def fails_when_it_is_over(asked: Asked, told: Told, past: Past) -> Told | None:
    """Every other answer late in its life is 500."""
    before = mine(asked, past)
    return Told(500, {"message": "oops"}) if len(before) >= 12 and told.status == 200 and len(before) % 2 else None


def forgets_it_for_a_while(asked: Asked, told: Told, past: Past) -> Told | None:
    """After a restart it is not found for two polls."""
    return Told(404, {"message": "gone"}) if len(mine(asked, past)) in {6, 7} and told.status == 200 else None


DEEDS: dict[str, Deed] = {
    "old now and then": old_now_and_then,
    "another's": anothers,
    "the first one's": the_first_ones,
    "tells the login": tells_the_login,
    "tells the login in a header": tells_the_login_in_a_header,
    "refuses and shows": refuses_and_shows,
    "shows what failed anywhere": shows_what_failed_anywhere,
    "fails when it is over": fails_when_it_is_over,
    "forgets it for a while": forgets_it_for_a_while,
    "success for nothing": lambda asked, told, past: Told(200, told.body) if told.status == 404 else None,
    "success for strangers": lambda asked, told, past: Told(200, told.body) if told.status in {401, 403} else None,
    "as a page": lambda asked, told, past: (
        Told(200, told.body, told.headers, "text/html") if told.status == 200 and len(mine(asked, past)) == 2 else None
    ),
    "cut off": once(lambda body: json.dumps(body).encode()[:-5]),
    "without a body": once(lambda body: None),
    "in a list": once(lambda body: [body]),
    "all null": once(lambda body: mapped(body, lambda value: None)),
    "below zero": once(lambda body: mapped(body, lambda value: -5 if whole(value) else value)),
    "beyond all": once(lambda body: mapped(body, lambda value: 10**6 if whole(value) else value)),
    "not a number": once(lambda body: json.dumps(mapped(body, lambda v: float("nan") if whole(v) else v)).encode()),
    "in Latin-1": once(lambda body: json.dumps(body)[:-1].encode() + b', "x": "\xe9"}'),
    "a name twice": once(lambda body: json.dumps(body)[:-1].encode() + f', "{next(iter(body))}": "other"}}'.encode()),
    "numbers as texts": later(lambda value: str(value) if whole(value) else value, 7),
    "booleans as texts": later(lambda value: str(value).lower() if isinstance(value, bool) else value),
    "words in other case": later(
        lambda value: value.swapcase() if isinstance(value, str) and value.isalpha() else value
    ),
}


FREE = {("below zero", "keycard"), ("beyond all", "keycard")}
"""A deed and a vendor whose page leaves it free: of a package's version it says that it is a number."""


def found(vendor: str, deed: Deed | None) -> tuple[int, set[str]]:
    """How many answers a deed has changed, and which beliefs object."""
    module, done = second_reading(FOLDER, vendor), 0
    true = module.Server

    def answer(server: Any, asked: Asked) -> Told:
        nonlocal done
        told: Told = true.answer(server, asked)
        past: Past = vars(server).setdefault("past", [])
        other = deed(asked, told, past) if deed else None
        past.append((asked, told))
        done += other is not None and vars(other) != vars(told)
        return other or told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Server", type("Spoilt", (true,), {"answer": answer}))
        result = prove.run(prove.Task("server", vendor, "", FOLDER, examples=0))
    assert not result.failed
    return done, set(result.objected)


@functools.cache
def usual(vendor: str) -> frozenset[str]:
    """What objects to the second reading as it is."""
    return frozenset(found(vendor, None)[1])


@pytest.mark.parametrize("name", DEEDS)
def test_seen(name: str) -> None:
    """It changes an answer of one vendor at least, and it is seen wherever it does."""
    told = {vendor: found(vendor, DEEDS[name]) for vendor in spec.names()}
    changed = {vendor: objected for vendor, (done, objected) in told.items() if done and (name, vendor) not in FREE}
    tried = {vendor: objected - usual(vendor) for vendor, objected in changed.items()}
    assert tried
    assert all(tried.values()), tried
