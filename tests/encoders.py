"""Ways of writing a text that a server may use upon what it was sent: the next is a line of ENCODERS."""

from __future__ import annotations

import base64
import html
import html.entities
import json
import urllib.parse
from collections.abc import Callable

from hypothesis import strategies as st

NAMES = {**html.entities.codepoint2name, 39: "apos", 47: "sol", 61: "equals", 43: "plus", 95: "lowbar"}
Encoder = Callable[[str], str]


def units(text: str, form: str) -> str:
    """A text in UTF-16 units, each written in a form."""
    raw = text.encode("utf-16-be")
    return "".join(form.format(int.from_bytes(raw[at : at + 2])) for at in range(0, len(raw), 2))


def some(text: str, marks: str, form: str) -> str:
    """A text in JSON, with some characters written in a form as well."""
    return "".join(form.format(ord(one)) if one in marks else one for one in json.dumps(text, ensure_ascii=False)[1:-1])


def at(before: int, encode: Callable[[bytes], bytes]) -> Encoder:
    """Digits of a longer text, so many bytes of which stand before this one; their padding tells nothing."""
    return lambda text: encode(b"#" * before + text.encode() + b"~" * (before % 2)).decode().rstrip("=")


def octets(text: str) -> str:
    """Every byte as %xx."""
    return "".join(f"%{octet:02x}" for octet in text.encode())


ENCODERS: dict[str, Encoder] = {
    "as it is": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "as Go does": lambda text: some(text, "<>&", "\\u{:04x}"),
    "as Gson does": lambda text: some(text, "<>&='", "\\u{:04x}"),
    "as PHP does": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "\\uXXXX throughout": lambda text: units(text, "\\u{:04x}"),
    "\\uXXXX throughout, upper": lambda text: units(text, "\\u{:04X}"),
    "%XX": lambda text: urllib.parse.quote(text, safe=""),
    "%XX, slashes left": urllib.parse.quote,
    "%xx": lambda text: "".join(one if one.isascii() and one.isalnum() else octets(one) for one in text),
    "%XX for a form": urllib.parse.quote_plus,
    "%XX throughout": lambda text: octets(text).upper(),
    "%XX twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe="")),
    "HTML": html.escape,
    "HTML names": lambda text: "".join(f"&{NAMES[ord(one)]};" if ord(one) in NAMES else one for one in text),
    "HTML decimal": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "HTML hex": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "HTML HEX": lambda text: "".join(f"&#X{ord(one):X};" for one in text),
    **{f"base64 after {n}": at(n, base64.b64encode) for n in range(4)},
    **{f"base64 for URLs after {n}": at(n, base64.urlsafe_b64encode) for n in range(3)},
    "base32": at(0, base64.b32encode),
    "base32, lower": lambda text: at(0, base64.b32encode)(text).lower(),
    "hex": lambda text: text.encode().hex(),
    "HEX": at(0, base64.b16encode),
    "upper case": str.upper,
    "lower case": str.lower,
}
"""Each may stand alone, or with another upon it."""
SECRETS = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~ \"'\\/<>&=+%:;,!?#äé€😀"),
    min_size=8,
    max_size=40,
).filter(lambda text: len(set(text.lower())) > 5 and text == text.strip())


def told(encoded: str, text: str, part: int = 3) -> list[str]:
    """What of an encoded secret is left in a text: pieces of 16 characters, or all, and such a part of it at least."""
    size = max(min(16, len(encoded)), len(encoded) // part)
    pieces = {encoded[start : start + size] for start in range(len(encoded) - size + 1)}
    return sorted(piece for piece in pieces if piece in text)
