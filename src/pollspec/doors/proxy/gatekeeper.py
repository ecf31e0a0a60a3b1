"""Which requests the proxy passes on, as which target, and what it answers to all others.

A request that two servers may read differently is how one is smuggled past the first of them, so none of that kind is
mended: it is refused (RFC 9112, 11.2). And this is a reverse proxy: it is no way to any server but its upstream.
"""

from __future__ import annotations

import re
import secrets
import urllib.parse
from collections.abc import Mapping
from typing import Any

from pollspec.trial.wire.connections import is_loopback, origin

Message = Mapping[str, Any]

HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
"""What may stand in Host (RFC 9110, 7.2)."""


class Refusal(Exception):
    """A request that is not passed on: the status that it gets, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Gatekeeper:
    """Stands before `upstream`. `via`: the header by which this proxy knows again what has passed it."""

    def __init__(self, upstream: str) -> None:
        self.upstream, self.origin = upstream, origin(upstream)
        self.via = (b"via", f"1.1 pollspec-{secrets.token_hex(8)}".encode())

    def target(self, scope: Message) -> bytes:
        """The target of a request in origin-form, path and query; Refusal where it is not to be passed on."""
        check_framing(scope)
        if self.is_own(scope["headers"]):
            raise Refusal(508, f"the upstream {self.upstream} leads back to this proxy: give the server's own address")
        query = scope.get("query_string", b"")
        path = self._path(scope, scope.get("raw_path") or urllib.parse.quote(scope["path"]).encode())
        return path + (b"?" + query if query else b"")

    def is_own(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Whether a message has passed this proxy before (RFC 9110, 7.6.3)."""
        return any(self.via[1] in value for name, value in headers if name.lower() == b"via")

    def _path(self, scope: Message, target: bytes) -> bytes:
        """The path of a target in origin-form, or in absolute-form with the upstream's or this proxy's authority."""
        if b"#" in target:
            raise Refusal(400, "the request's target has a fragment (RFC 9112, 3.2)")
        if target.startswith(b"/") or (target == b"*" and scope["method"] == "OPTIONS"):
            return target
        parts = _split(target)
        host = dict(scope["headers"]).get(b"host", parts.netloc.encode("latin-1") if parts else b"").decode("latin-1")
        named = {f"{parts.scheme}://{name}" for name in (parts.netloc, host)} if parts else {""}
        if parts is None or not all(self._leads_here(scope, url) for url in named):
            raise Refusal(421, f"this proxy leads to {self.upstream} alone: give it as the base URL, not as HTTP_PROXY")
        return (parts.path or "/").encode("latin-1")

    def _leads_here(self, scope: Message, url: str) -> bool:
        """Whether a URL's authority is the upstream's or this proxy's own (RFC 9112, 3.2.2)."""
        try:
            asked = origin(url)
        except ValueError:
            return False
        here, port = scope.get("server") or ("", None)
        own = asked[0] == "http" and asked[2] == port and (asked[1] == here or is_loopback(asked[1]))
        return asked == self.origin or own


def check_framing(scope: Message) -> None:
    """Refusal of a request whose body may end in two places, or whose Host is none (RFC 9112, 3.2, 6.1 and 6.3)."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    lengths = [value for name, value in headers if name.lower() == b"content-length"]
    codings = [value.lower() for name, value in headers if name.lower() == b"transfer-encoding"]
    hosts = [value for name, value in headers if name.lower() == b"host"]
    if lengths and codings:
        raise Refusal(400, "the request has Content-Length and Transfer-Encoding, and so two ends (RFC 9112, 6.1)")
    if codings and (codings != [b"chunked"] or scope.get("http_version") == "1.0"):
        raise Refusal(400, "the request's Transfer-Encoding is not chunked, or its version has none (RFC 9112, 6.1)")
    if len(set(lengths)) > 1 or not all(re.fullmatch(rb"[0-9]+", length) for length in lengths):
        raise Refusal(400, "the request's Content-Length is no single number (RFC 9112, 6.3)")
    if len(hosts) > 1 or not all(HOST.fullmatch(host) for host in hosts):
        raise Refusal(400, "the request's Host is no host (RFC 9112, 3.2)")


def _split(target: bytes) -> urllib.parse.SplitResult | None:
    """A target in absolute-form; None where it is none, or names a user (RFC 9110, 4.2.4)."""
    try:
        parts = urllib.parse.urlsplit(target.decode("latin-1"))
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc else None
