"""Exchanges as texts that may be printed anywhere: secrets masked, control characters written out."""

from __future__ import annotations

import shlex
import urllib.parse

from pollspec.document.conditions import short
from pollspec.document.messages import Answer, Headers, Request
from pollspec.judge.exchange import Exchange
from pollspec.masks import Masks
from pollspec.printing import printable as printable
from pollspec.printing import printed as printed

LINE, WHOLE = 600, 4000
"""Characters of a body: in a line, and in an exchange shown whole."""


class Texts:
    """Makes texts of one target's exchanges. `url`, `base_path`: where the target is."""

    def __init__(self, masks: Masks, url: str, base_path: str) -> None:
        self.masks, self.url, self.base_path = masks, url, base_path

    def safe(self, text: str) -> str:
        """A text without secrets and control characters."""
        return printable(self.masks.mask(text))

    def shown(self, text: str) -> str:
        """A text that a server had a hand in: in a line, whatever it sent."""
        return short(self.safe(short(text, 4 * LINE)), LINE)

    def request(self, exchange: Exchange) -> str:
        """The request line."""
        return self.shown(f"{exchange.request.method} {exchange.request.target}")

    def answer(self, exchange: Exchange) -> str:
        """The answer in a line."""
        answer = exchange.answer
        if answer is None:
            return self.safe(f"no answer: {exchange.trouble}" if exchange.trouble else "no answer")
        return f"{answer.status} {self.shown(answer.media_type)} {self.body(answer.content, LINE)}".strip()

    def body(self, content: bytes, limit: int) -> str:
        """A body as text of at most `limit` characters. Masked before it is cut: a cut secret is not recognised."""
        text = self.masks.mask(content[: 4 * limit].decode("utf-8", "replace"))
        return printable(text if len(text) <= limit else f"{text[:limit]}...")

    def whole(self, exchange: Exchange) -> str:
        """The request and the answer as they went over the wire, near enough."""
        request, answer = exchange.request, exchange.answer
        sent = [f"{request.method} {self._path(request)}", *_headers(request.headers)]
        parts = [self.safe("\n".join(sent)), self.body(request.content, WHOLE)]
        if answer is None:
            parts.append(self.answer(exchange))
        else:
            parts += [self._head(answer), self.body(answer.content, WHOLE)]
        return "\n\n".join(part for part in parts if part)

    def _head(self, answer: Answer) -> str:
        return self.safe("\n".join([f"HTTP {answer.status}", *_headers(answer.headers)]))

    def curl(self, exchange: Exchange) -> str:
        """The request as a curl command line, with placeholders for its credentials."""
        request, parts = exchange.request, urllib.parse.urlsplit(self.url)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "http://embedded"
        words = ["curl", "-i", "-X", request.method]
        for name, value in request.headers:
            words += ["-H", f"{name}: {value}"]
        if request.content:
            words += ["-d", request.content.decode("utf-8", "replace")]
        path = self._path(request)
        words.append(path if path == request.target and "://" in path else f"{origin}{path}")
        return printable(shlex.join(self.masks.mask(word) for word in words))

    def _path(self, request: Request) -> str:
        """Where a request goes; recorded ones say the whole of it."""
        whole = request.target.startswith(("http://", "https://"))
        return request.target if whole else f"{self.base_path}{request.target}"


def _headers(headers: Headers) -> list[str]:
    """Headers as lines; a long value is cut."""
    return [f"{name}: {value if len(value) <= LINE else f'{value[:LINE]}...'}" for name, value in headers[:60]]
