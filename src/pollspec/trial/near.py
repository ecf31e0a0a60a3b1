"""What is nearly right: identifiers that nothing has, and logins that nobody has, made from those that are known."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pollspec.document.conditions import GUID, same

Given = Mapping[str, Any]
"""Runtime expression -> value."""

WRAPS = (2**32, 2**64)
"""What an integer of 32 or 64 bits loses without a word."""
HEX = "0123456789abcdef"
LONG = 16
"""Characters from which on an identifier is none that somebody counts up: without its last one it names nothing."""
MORE = "-pollspec"
MUCH = "0" * 256


def identifiers(given: Given, known: Iterable[Given]) -> list[tuple[str, Given]]:
    """Identifiers near a known one, one for each way of being near; the last part of a compound one is altered."""
    if not given:
        return []
    text, value = list(given.items())[-1]
    taken = [one[text] for one in known if text in one]
    found = _near_number(int(value)) if re.fullmatch(r"[1-9]\d{0,17}", str(value)) else _near_text(str(value))
    apart: dict[str, Given] = {}
    for how, near in found:
        if not any(same(near, other) for other in taken):
            apart.setdefault(how, {**given, text: near})
    return list(apart.items())


def _near_number(value: int) -> Iterator[tuple[str, Any]]:
    for more in WRAPS:
        yield f"{value} and {more}", value + more
    yield f"{value} below zero", -value


def _near_text(value: str) -> Iterator[tuple[str, Any]]:
    if GUID.fullmatch(value):
        for digit in HEX:
            if digit != value[-1].lower():
                yield "another last digit", value[:-1] + digit
                if digit != value[0].lower():
                    yield "another first digit", digit + value[1:]
        yield "no last digit", value[:-1]
        yield "no last block", value.rpartition("-")[0]
        yield "much behind it", value + MUCH
        return
    yield "more behind it", value + MORE
    yield "much behind it", value + MUCH
    if len(value) >= LONG and re.search(r"\d", value):
        yield "no last character", value[:-1]


def logins(headers: Mapping[str, str], others: Iterable[Mapping[str, str]], secret: str | None) -> list[dict[str, str]]:
    """Logins near a known one, the likeliest mistake first. `secret`: the expression whose value is the secret one.

    `others`: further credentials; with the secret of one of them a pair is mismatched.
    """
    if secret is None or secret not in headers:
        return []
    scheme, value = _apart(headers[secret])
    found = [value[:-1], value.swapcase(), value + "0"]
    near = [{**headers, secret: _together(scheme, one, headers[secret])} for one in found if one and one != value]
    for other in others:
        if len(headers) > 1 and other.get(secret, headers[secret]) != headers[secret]:
            near.append({**headers, secret: other[secret]})
    return near


def _apart(value: str) -> tuple[str, str]:
    """The scheme of a credential, and its secret: of Basic, the password."""
    scheme, space, rest = value.partition(" ")
    if not (space and scheme.isalpha()):
        return "", value
    return scheme, _decoded(rest)[1] if scheme.lower() == "basic" else rest


def _together(scheme: str, secret: str, before: str) -> str:
    if scheme.lower() == "basic":
        user, _ = _decoded(before.partition(" ")[2])
        secret = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return f"{scheme} {secret}".strip()


def _decoded(token: str) -> tuple[str, str]:
    """User and password of a Basic credential (RFC 7617); all of it is the password where it is none."""
    try:
        user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return "", token
    return user, password
