"""A socket to a server: straight or by a proxy, plain or under TLS, before a deadline."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import socket
import ssl
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

import h11

from pollspec.errors import UsageError
from pollspec.trial.wire.limits import Deadline, Trouble

LONGEST_WAIT = 1e6
"""Seconds that a socket takes as its timeout."""


@dataclass(frozen=True)
class Tls:
    """`verify`: True, False (accept any certificate), or the path of an authority's file; `cert`, `key`: our own."""

    verify: bool | str = True
    cert: str = ""
    key: str = ""
    password: str = field(default="", repr=False)

    def context(self) -> ssl.SSLContext:
        """A context for connections; OSError (ssl.SSLError is one) where a file is missing or is none."""
        context = ssl.create_default_context(cafile=self.verify if isinstance(self.verify, str) else None)
        if self.verify is False:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.cert:
            context.load_cert_chain(self.cert, self.key or None, self.password)
        return context


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy. `authorization`: the value of Proxy-Authorization, or ""."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """As a report shows it."""
        return f"{self.host}:{self.port}"


def origin(url: str) -> tuple[str, str, int]:
    """The scheme, host and port of a URL (RFC 6454): what a credential belongs to."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def proxy_for(url: str) -> Proxy | None:
    """The proxy that the environment names for a URL; none for loopback. UsageError where it is no HTTP proxy."""
    scheme, host, port = origin(url)
    given = urllib.request.getproxies()
    named = given.get(scheme) or given.get("all")
    if not named or is_loopback(host) or urllib.request.proxy_bypass(f"{host}:{port}"):
        return None
    try:
        return _proxy(named if "//" in named else f"http://{named}")
    except ValueError:
        raise UsageError(
            f"{scheme.upper()}_PROXY names no proxy that can be used: expected http://host:port",
            f"mend it, or NO_PROXY={host}",
        ) from None


def _proxy(url: str) -> Proxy:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("no http:// URL")
    said = f"{urllib.parse.unquote(parts.username or '')}:{urllib.parse.unquote(parts.password or '')}"
    authorization = f"Basic {base64.b64encode(said.encode()).decode()}" if parts.username else ""
    return Proxy(parts.hostname, parts.port or 80, authorization)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def connected(url: str, context: ssl.SSLContext | None, proxy: Proxy | None, deadline: Deadline) -> socket.socket:
    """A socket over which requests to a URL may be sent; OSError or Trouble where there is none."""
    scheme, host, port = origin(url)
    try:
        sock = _dialled(proxy.host, proxy.port, deadline) if proxy else _dialled(host, port, deadline)
    except OSError as error:
        if proxy is None:
            raise
        raise Trouble(f"the proxy {proxy.name} cannot be reached") from error
    try:
        if proxy and scheme == "https":
            _tunnelled(sock, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", proxy, deadline)
        if scheme == "https":
            sock.settimeout(min(deadline.left("TLS handshake"), LONGEST_WAIT))
            sock = (context or Tls().context()).wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    return sock


def _dialled(host: str, port: int, deadline: Deadline) -> socket.socket:
    """A connection to the first of a host's addresses that takes one; each gets its share of the time."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "no host name") from error
    failed: OSError = ConnectionError("no address")
    for index, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(deadline.left("connection") / (len(found) - index), LONGEST_WAIT))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        except OSError as error:
            sock.close()
            failed = error
    raise failed


def _tunnelled(sock: socket.socket, authority: str, proxy: Proxy, deadline: Deadline) -> None:
    """Ask a proxy for a tunnel (RFC 9110, 9.3.6); what goes through it is for the server alone."""
    machine = h11.Connection(h11.CLIENT)
    headers = [("Host", authority)]
    headers += [("Proxy-Authorization", proxy.authorization)] if proxy.authorization else []
    sock.settimeout(min(deadline.left("tunnel"), LONGEST_WAIT))
    sock.sendall(machine.send(h11.Request(method="CONNECT", target=authority, headers=headers)) or b"")
    sock.sendall(machine.send(h11.EndOfMessage()) or b"")
    while not isinstance(event := machine.next_event(), h11.Response):
        if event is h11.NEED_DATA:
            sock.settimeout(min(deadline.left("tunnel"), LONGEST_WAIT))
            machine.receive_data(sock.recv(4096))
        elif not isinstance(event, h11.InformationalResponse):
            raise Trouble(f"the proxy {proxy.name} broke off")
    if not 200 <= event.status_code < 300:
        raise Trouble(f"the proxy {proxy.name} answered {event.status_code} to CONNECT")
