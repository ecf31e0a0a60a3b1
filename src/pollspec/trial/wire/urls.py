"""URLs that a user types: what a server's base URL may be."""

from __future__ import annotations

import re
import urllib.parse

from pollspec.errors import TargetFileError


def _shown(url: str) -> str:
    """A text that is no URL, without what may be a password in it."""
    return re.sub(r"[^/@]*@", "...@", url)


def check_url(url: str, query: bool = False) -> str:
    """A URL without its fragment and, unless it is kept, its query; TargetFileError for anything that is none."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        parts, port = urllib.parse.urlsplit(""), 0
    fine = parts.scheme in {"http", "https"} and parts.hostname and port != 0
    if not fine or any(character <= " " or character == "\x7f" for character in url):
        raise TargetFileError(
            f"{_shown(url)!r} is no base URL: expected http:// or https:// and a host", "for example https://host:8443"
        )
    if parts.username or parts.password:
        raise TargetFileError("the base URL holds a user name or a password", "put them under [credentials.default]")
    path = parts.path if query else parts.path.rstrip("/")
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, parts.query if query else "", ""))
