"""Secrets under stable placeholders: whatever is printed or stored passes through here."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator

SHORTEST = 4
"""Characters. Shorter values cannot be told from ordinary text and are not masked."""
SHORTEST_BEGINNING = 8
"""Characters. A shorter beginning of a secret that was cut cannot be told from ordinary text either."""


class Masks:
    """Replaces each secret, in every form it may take, by the same placeholder wherever it recurs."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def add(self, value: str, label: str) -> None:
        """Keep a value secret from now on; a credential's scheme (`Bearer `) stays readable."""
        scheme, _, token = value.partition(" ")
        secret = token if token and scheme.isalpha() and len(scheme) <= 8 else value
        for form in _forms(secret):
            if len(form) >= SHORTEST:
                self._known.setdefault(form, f"<{label}>")

    def include(self, other: Masks) -> None:
        """Know what another one knows."""
        self._known |= {form: label for form, label in other._known.items() if form not in self._known}

    def mask(self, text: str) -> str:
        """A text without its secrets."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = _without_beginning(text.replace(secret, self._known[secret]), secret, self._known[secret])
        return text


def _without_beginning(text: str, secret: str, label: str) -> str:
    """Hide a secret that was cut: a telling part of its beginning, at the end of the text or before `...`."""
    telling = secret[: max(SHORTEST_BEGINNING, len(secret) // 3)]
    at = text.find(telling) if len(telling) < len(secret) else -1
    while at >= 0:
        end = at + next(n for n in range(len(secret), 0, -1) if text.startswith(secret[:n], at))
        if end == len(text) or text.startswith("...", end):
            text, end = f"{text[:at]}{label}{text[end:]}", at + len(label)
        at = text.find(telling, end)
    return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield urllib.parse.quote(secret, safe="")
    yield base64.b64encode(secret.encode()).decode()
    try:
        plain = base64.b64decode(secret, validate=True).decode()
    except ValueError:
        return
    if ":" in plain:
        yield plain
        yield plain.split(":", 1)[1]
