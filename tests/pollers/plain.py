"""A good poller in the plainest style: synchronous, the standard library's urllib, a loop.

python -m tests.pollers.plain VENDOR
"""

from __future__ import annotations

import email.utils
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Protocol

from tests.pollers.talk import NOT_KNOWN, TALK, Environment, Talk, inside, read


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Web(Protocol):
    """The way to servers, and the time."""

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes, timeout: float) -> Told: ...

    def sleep(self, seconds: float) -> None: ...

    def now(self) -> float: ...


class Poller:
    """Waits for one operation, as its environment says."""

    def __init__(self, talk: Talk, told: Environment, web: Web) -> None:
        self.talk, self.told, self.web = talk, dict(told), web
        self.interval, self.until = float(told["POLLSPEC_INTERVAL"]), web.now() + float(told["POLLSPEC_DEADLINE"])

    def run(self) -> int:
        """Wait; the exit code."""
        try:
            if self.told["POLLSPEC_DO"] == "start" and not self.start():
                return NOT_KNOWN
            return self.wait()
        except TimeoutError:
            return self.given_up()

    def start(self) -> bool:
        """Start one, and know what it is called; whether there is one now."""
        if not self.talk.start:
            return False
        headers = {**self.headers(), "Content-Type": "application/json"}
        answer = self.ask("POST", self.talk.start, headers, self.told["POLLSPEC_BODY"].encode())
        name = inside(read(answer.content), self.talk.minted)
        self.told[self.talk.names] = str(name)
        return 200 <= answer.status < 300 and name is not None

    def wait(self) -> int:
        """Poll until the end, or until the deadline is over."""
        while True:
            answer = self.poll()
            outcome = self.outcome(answer)
            if outcome is not None:
                return outcome
            if not self.pause(answer):
                return self.given_up()

    def poll(self) -> Told:
        """Ask how far it is."""
        return self.ask("GET", self.target(), self.headers(), b"")

    def ask(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Told:
        """One request; TimeoutError at the deadline."""
        url = self.told["POLLSPEC_URL"] + target
        return self.web.ask(method, url, headers, content, self.timeout())

    def timeout(self) -> float:
        """Seconds that a request may take."""
        return max(0.001, self.until - self.web.now())

    def target(self) -> str:
        """What is asked for."""
        return self.talk.target(self.told)

    def headers(self) -> dict[str, str]:
        """What is sent along."""
        return {"Accept": "application/json", **self.talk.signed(self.told)}

    def outcome(self, answer: Told) -> int | None:
        """The exit code that an answer makes; None where it goes on."""
        return self.talk.outcome(answer.status, read(answer.content))

    def pause(self, answer: Told) -> bool:
        """Wait before the next poll; False where the deadline comes first."""
        seconds = max(self.interval, self.retry_after(answer))
        if self.web.now() + seconds >= self.until:
            self.web.sleep(max(0.0, self.until - self.web.now()))
            return False
        self.web.sleep(seconds)
        return True

    def retry_after(self, answer: Told) -> float:
        """The seconds that an answer asks to wait."""
        return retry_after(answer.headers.get("retry-after", "0"))

    def given_up(self) -> int:
        """The exit code at the deadline."""
        return NOT_KNOWN


def retry_after(text: str, wall: float | None = None) -> float:
    """Seconds of a Retry-After, a number or a date."""
    if text.isdigit():
        return float(text)
    return email.utils.parsedate_to_datetime(text).timestamp() - (time.time() if wall is None else wall)


class Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Message, newurl: str) -> None:
        """None."""


class Urllib:
    """The real web."""

    opener = urllib.request.build_opener(Stays, urllib.request.ProxyHandler({}))

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes, timeout: float) -> Told:
        """One request."""
        request = urllib.request.Request(url, content or None, dict(headers), method=method)
        try:
            with self.opener.open(request, timeout=timeout) as answer:
                return Told(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Told(error.code, _lower(error.headers), error.read())
        except urllib.error.URLError as error:
            raise error.reason if isinstance(error.reason, TimeoutError) else error from None

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def now(self) -> float:
        """Seconds."""
        return time.monotonic()


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


if __name__ == "__main__":
    raise SystemExit(Poller(TALK[sys.argv[1]], os.environ, Urllib()).run())
