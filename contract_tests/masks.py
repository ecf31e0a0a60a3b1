"""Secrets under stable placeholders: whatever is printed or stored passes through here."""

from __future__ import annotations

import base64
import functools
import html
import json
import re
import urllib.parse
from collections.abc import Iterator
from itertools import takewhile

SHORTEST = 4
"""Characters. Shorter values cannot be told from ordinary text and are not masked."""

PART = 8
"""Characters of a part of a value (a cookie's, say) that is masked by itself."""


BEGINNING = 12
"""Characters of the beginning of a secret that are masked wherever they stand."""

CUT = 8
"""Characters of the beginning of a secret that are masked where a text was cut off; fewer tell nothing."""

CUT_OFF = re.compile(rf"\S{{{CUT},{BEGINNING}}}(?=\.\.\.|\Z)")
"""What stands at the end of a text, or before the dots that stand for the rest."""


class Masks:
    """Replaces each secret, in every form it may take, by the same placeholder wherever it recurs."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def add(self, value: str, label: str) -> None:
        """Keep a value secret from now on; a credential's scheme (`Bearer `) stays readable."""
        for secret in _secrets(value):
            self._learn({form: f"<{label}>" for form in _forms(secret) if len(form) >= SHORTEST})

    def include(self, other: Masks) -> None:
        """Know what another one knows."""
        self._learn(other._known)

    def _learn(self, forms: dict[str, str]) -> None:
        """The longest first, so that no part of one is taken for another."""
        self._known = dict(sorted({**forms, **self._known}.items(), key=lambda item: -len(item[0])))

    def mask(self, text: str) -> str:
        """A text without its secrets, and without the beginning of one."""
        for secret, placeholder in self._known.items():
            text = text.replace(secret, placeholder)
        for secret, placeholder in self._known.items():
            text = _without_beginning(text, secret, placeholder)
        return CUT_OFF.sub(self._without_end, text)

    def _without_end(self, match: re.Match[str]) -> str:
        """What stands before `...`, without the beginning of a secret at its end."""
        for length in range(len(match[0]), CUT - 1, -1):
            for secret, placeholder in self._known.items():
                if secret.startswith(match[0][-length:]):
                    return match[0][:-length] + placeholder
        return match[0]


def _without_beginning(text: str, secret: str, placeholder: str) -> str:
    place = text.find(secret[:BEGINNING]) if len(secret) > BEGINNING else -1
    while place >= 0:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(text[place:], secret, strict=False))
        text = text[:place] + placeholder + text[place + len(list(same)) :]
        place = text.find(secret[:BEGINNING], place + len(placeholder))
    return text


def _secrets(value: str) -> Iterator[str]:
    """What of a header's value is secret: all of it but its scheme, and each long part of it by itself."""
    scheme, _, token = value.partition(" ")
    secret = token if token and scheme.isalpha() and len(scheme) <= 8 else value
    yield secret
    for part in re.split(r"[\s,;]+", secret):
        name, _, inner = part.partition("=")
        for text in (part, inner.strip('"') if name else part):
            if len(text) >= PART and text != secret:
                yield text


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, quoted as JSON, URLs and HTML have it, in base64 (at any place of a longer text) and hex."""
    plain = [secret, *_from_base64(secret)]
    for text in plain:
        quoted = urllib.parse.quote(text, safe="")
        yield from (text, json.dumps(text)[1:-1], html.escape(text), html.escape(text, quote=False))
        for slash in ("\\/", "\\\\/", "\\\\\\/"):
            yield json.dumps(text)[1:-1].replace("/", slash)
        yield json.dumps(json.dumps(text)[1:-1])[1:-1]
        yield from (quoted, quoted.lower(), urllib.parse.quote(text), urllib.parse.quote_plus(text))
        yield from _encoded(text)
        yield from (text.encode().hex(), text.encode().hex().upper())


def _from_base64(secret: str) -> Iterator[str]:
    """The user and password, and the password alone, that a Basic credential holds."""
    try:
        plain = base64.b64decode(secret, validate=True).decode()
    except ValueError:
        return
    if ":" in plain:
        yield plain
        yield plain.split(":", 1)[1]


@functools.lru_cache(maxsize=256)
def _encoded(text: str) -> tuple[str, ...]:
    """A text in base64, in either alphabet: whole, and what is the same wherever it stands in a longer text."""
    found = [base64.b64encode(text.encode()).decode()]
    for before in range(3):
        until = before + len(text.encode())
        whole = base64.b64encode(b"\0" * before + text.encode() + b"\0" * (-until % 3)).decode()
        found.append(whole[-(-8 * before // 6) : 8 * until // 6])
    return tuple(form for one in found for form in (one, one.translate(str.maketrans("+/", "-_"))))
