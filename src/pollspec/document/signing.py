"""Who asks: the test credentials of a document, and by which of them a request is signed."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from pollspec.document import expressions
from pollspec.document.messages import MISSING, Request


class Signing:
    """How requests are signed. `credentials`: by their names, each expression -> value; `cards`: what subjects give."""

    def __init__(self, credentials: Mapping[str, Mapping[str, str]], cards: list[Mapping[str, str]]) -> None:
        self.credentials, self.cards = credentials, cards
        self.places = tuple(dict.fromkeys(text for headers in credentials.values() for text in headers))
        """The expressions that say who asks."""

    @property
    def secret(self) -> str | None:
        """The expression of a credential's secret part: who asks, a subject may give, and that is none."""
        given = {text for card in self.cards for text in card}
        own = [text for text in self.credentials.get("default", {}) if text not in given]
        return own[-1] if own else "$request.header.Authorization" if self.credentials else None

    def credential_of(self, request: Request) -> str:
        """The name of the test credential that a request carries; `none`, or `invalid` for one that is not known.

        Where the document has no credentials, whoever asks is right.
        """
        if not self.credentials:
            return "default"
        for name, signature in self._signatures:
            if all(get(request, None) == value for get, value in signature):
                return name
        bare = all(expressions.value(text, request) is MISSING for text in self.places)
        return "none" if bare else "invalid"

    @functools.cached_property
    def _signatures(self) -> list[tuple[str, list[tuple[expressions.Getter, str]]]]:
        """Every way to carry a test credential: as it is, and with what a subject's card puts in its place."""
        found = []
        for name, wanted in self.credentials.items():
            for card in ({}, *self.cards):
                texts = {**wanted, **{text: value for text, value in card.items() if text in wanted}}
                if (name, texts) not in found:
                    found.append((name, texts))
        return [(name, [(expressions.getter(t), v) for t, v in texts.items()]) for name, texts in found]
