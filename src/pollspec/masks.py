"""Secrets under stable placeholders: whatever is printed or stored passes through here."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pollspec.forms import Finder, Found

SHORTEST = 4
"""Characters. Shorter values cannot be told from ordinary text and are not masked: Masks.short names them."""
PART = 8
"""Characters of a part of a value (a cookie's, say) that is masked by itself."""
SCHEME = re.compile(r"(?i:basic|bearer|digest|dpop|negotiate|ntlm|oauth|token|apikey) +(?=\S)")
"""Schemes of HTTP authentication, which stay readable (most are in IANA's registry); others are masked."""


class Masks:
    """Replaces each secret, in every form it may take (forms.py), by the same placeholder wherever it recurs.

    `short`: the labels of those that are too short to be masked.
    """

    def __init__(self) -> None:
        self.short: list[str] = []
        self._labels: dict[str, str] = {}
        self._ranks: dict[str, int] = {}
        self._numbers: Counter[str] = Counter()
        self._finder = Finder(SHORTEST)

    def add(self, value: str, label: str) -> None:
        """Keep a value secret from now on; a credential's scheme (`Bearer `) stays readable."""
        for secret in _secrets(value):
            if len(secret) >= SHORTEST:
                self._learn(secret, label)
            elif label not in self.short:
                self.short.append(label)

    def add_one_of(self, value: str, name: str) -> None:
        """Keep one of several values of a name secret, each under a placeholder of its own: `name`, `name 2`."""
        if secret_of(value) not in self._labels:
            self._numbers[name.lower()] += 1
            number = self._numbers[name.lower()]
            self.add(value, name if number == 1 else f"{name} {number}")

    def add_cookies(self, headers: Iterable[tuple[str, str]]) -> None:
        """Keep the cookies secret that an answer sets; a short one is none."""
        for name, value in headers:
            cookie = value.split(";")[0].partition("=")[2].strip(' "')
            if name.lower() == "set-cookie" and len(cookie) >= PART:
                self.add_one_of(cookie, "cookie")

    def include(self, other: Masks) -> None:
        """Know what another one knows."""
        for secret, label in other._labels.items():
            self._learn(secret, label)
        self.short += [label for label in other.short if label not in self.short]

    def _learn(self, secret: str, label: str) -> None:
        if secret not in self._labels:
            self._labels[secret], self._ranks[secret] = label, len(self._ranks)
            self._finder.add(secret)

    def mask(self, text: str) -> str:
        """A text without its secrets, and without the beginning of one."""
        content = text.encode("utf-8", "surrogatepass")
        parts, done = list[bytes](), 0
        for start, end, label in self._spans(content):
            parts += (content[done:start], f"<{label}>".encode())
            done = end
        return b"".join([*parts, content[done:]]).decode("utf-8", "surrogatepass") if parts else text

    def _spans(self, content: bytes) -> Iterator[tuple[int, int, str]]:
        """Where secrets stand, in order; of those that overlap, the longest gives its name to all.

        Of those that are as long: the one that stands there whole, and in its own case; then the one known first.
        """

        def closest(found: Found) -> tuple[int, int, bool, bool, int]:
            own = content[found.start : found.end] == found.secret.encode("utf-8", "surrogatepass")
            return found.start, found.end, not found.whole, not own, self._ranks[found.secret]

        spans: list[tuple[int, int, int, str]] = []
        for found in sorted(set(self._finder.find(content)), key=closest):
            end = found.end
            while end < len(content) and content[end] & 0xC0 == 0x80:
                end += 1  # to the end of a character
            size, label = end - found.start, self._labels[found.secret]
            if spans and found.start < spans[-1][1]:
                start, before, longest, name = spans.pop()
                spans.append((start, max(before, end), max(longest, size), label if size > longest else name))
            else:
                spans.append((found.start, end, size, label))
        yield from ((start, end, label) for start, end, _, label in spans)


def secret_of(value: str) -> str:
    """What of a header's value is secret: all of it but its scheme."""
    return SCHEME.sub("", value, count=1) if SCHEME.match(value) else value


def _secrets(value: str) -> Iterator[str]:
    """What of a header's value is secret, each long part of it, and what a Basic credential holds."""
    if secret := secret_of(value):
        yield secret
        yield from _from_base64(secret)
    for part in re.split(r"[\s,;]+", secret):
        name, _, inner = part.partition("=")
        for text in (part, inner.strip('"') if name else part):
            if len(text) >= PART and text != secret:
                yield text
                yield from _from_base64(text)


def _from_base64(secret: str) -> Iterator[str]:
    """The user and password, and the password alone, that a Basic credential holds."""
    try:
        plain = base64.b64decode(secret, validate=True).decode()
    except ValueError:
        return
    if ":" in plain and plain.isprintable():
        yield plain
        if password := plain.split(":", 1)[1]:
            yield password
