"""Generated pollers before a polite server in this process, on a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import functools
import importlib
import itertools
import json
import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from pollspec import generated
from pollspec.document import expressions, generator
from pollspec.document.lifecycles import Lifecycle, View
from pollspec.document.pollers.words import snake
from pollspec.document.vendor import Vendor
from pollspec.servers.polite import Mock

URL = "http://vendor.invalid"

Meddle = Callable[[int, httpx.Request], httpx.Response | None]
"""What is answered to the request of a number; None for what the polite server answers."""


@functools.cache
def _made(path: str) -> dict[str, str]:
    """What follows from a document of one's own, generated once."""
    return generator.modules([path])


def package(path: str, folder: pathlib.Path) -> str:
    """The name of the pollers' package, once what follows from a document is written to a folder."""
    generator.write(_made(path), folder)
    return f"{folder.name}.pollers"


@dataclass
class Wire:
    """A poller's way to its server. `mode`: sync or async; `alter`: what becomes of the body of a 200.

    `mark`: the answer of this number has this status (with a body only at 200) and these headers besides. `stands`:
    the server's clock stands still. `asked`: the requests, with their times; `seen`: what was told.
    """

    vendor: Vendor
    mode: str
    meddle: Meddle = lambda number, request: None
    alter: Callable[[int, Any], Any] = lambda number, body: body
    stands: bool = False
    mark: tuple[int, int, dict[str, str]] = (0, 0, {})
    package: str = f"{generated.__name__}.pollers"
    now: float = 0.0
    asked: list[tuple[float, httpx.Request]] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mock = Mock(self.vendor, lambda: 0.0 if self.stands else self.now, duration=60.0)
        self.module = importlib.import_module(f"{self.package}.{self.vendor.slug}")

    def call(self, poller: str, method: str, *given: Any, login: dict[str, str] | None = None, **named: Any) -> Any:
        """Call a poller's method, whichever kind it is. The client would follow redirects, if it was let."""
        headers = self.login() if login is None else login
        options: dict[str, Any] = {"base_url": URL, "headers": headers, "follow_redirects": True}
        options["transport"] = httpx.MockTransport(self._answer)
        named |= {} if method == "start" else {"progress": self.seen.append}
        if self.mode == "sync":
            with httpx.Client(**options) as client:
                plain = getattr(self.module, poller)(client, clock=lambda: self.now, sleep=self._sleep)
                return getattr(plain, method)(*given, **named)

        async def run() -> Any:
            async with httpx.AsyncClient(**options) as client:
                follows = getattr(self.module, f"Async{poller}")(client, clock=lambda: self.now, sleep=self._nap)
                return await getattr(follows, method)(*given, **named)

        return asyncio.run(run())

    def follow(self, subject: str, **named: Any) -> Any:
        """Follow a test card with the first poller of the module."""
        given = {expressions.parse(text): value for text, value in self.vendor.subjects[subject].given.items()}
        identity = {snake(one.name): value for one, value in given.items() if one.place != "header"}
        return self.call(self.poller, "wait", **{"login": self.login(subject=subject), **identity, **named})

    def login(self, credential: str = "default", subject: str = "") -> dict[str, str]:
        """The headers of a test credential, as a subject has it."""
        card = self.vendor.subjects[subject].given if subject else {}
        given = {**self.vendor.credentials.get(credential, {}), **card}
        parsed = {expressions.parse(text): value for text, value in given.items()}
        return {one.name: value for one, value in parsed.items() if one.place == "header"}

    @property
    def poller(self) -> str:
        """The first poller of the module."""
        own = (
            name for name, one in vars(self.module).items() if getattr(one, "__module__", "") == self.module.__name__
        )
        return next(name for name in own if name.endswith("Poller"))

    @property
    def lifecycle(self) -> Lifecycle:
        """The lifecycle that it follows."""
        return next(iter(self.vendor.lifecycles.values()))

    @property
    def view(self) -> View:
        """How it sees that."""
        return next(iter(self.lifecycle.views.values()))

    @property
    def pauses(self) -> list[float]:
        """The seconds between one request and the next."""
        return [after - before for before, after in itertools.pairwise(moment for moment, _ in self.asked)]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((self.now, request))
        number = len(self.asked)
        if instead := self.meddle(number, request):
            return instead
        path, _, query = request.url.raw_path.decode().partition("?")
        given = self.mock.respond(request.method, path, query, tuple(request.headers.items()), request.content)
        content = given.content
        if given.status == 200:
            content = json.dumps(self.alter(number, json.loads(content))).encode()
        marked, status, more = self.mark
        headers = [*given.headers, *(more.items() if marked == number else [])]
        if marked == number and status != 200:
            return httpx.Response(status, headers=more)
        return httpx.Response(given.status, headers=headers, content=content)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    async def _nap(self, seconds: float) -> None:
        self.now += seconds
