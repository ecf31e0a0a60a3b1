"""Certificates and proxies: who is trusted, who is told our secrets, and in whose time."""

from __future__ import annotations

import base64
import pathlib
import select
import socket
import ssl

import pytest
import trustme

from pollspec.errors import UsageError
from pollspec.trial.target import INSECURE
from pollspec.trial.wire.connections import Tls, is_loopback, origin, proxy_for
from pollspec.trial.wire.credentials import OAuth, Renewal
from pollspec.trial.wire.limits import Limits
from tests.livetrial import TOKEN, settings, tried
from tests.rawserver import Behaviour, Connection, RawServer, always, answer

GOOD = {
    "success": True, "key": "k", "name": "n", "step": "importer_done", "count": {"completed": 2, "total": 2}
}  # fmt: skip
HOST = "server.example"
"""A name that only the proxy of these tests knows."""


class Authority:
    """Certificates made for a test, as PEM files."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.made, self.folder = trustme.CA(), folder
        self.made.cert_pem.write_to_path(str(folder / "ca.pem"))

    @property
    def file(self) -> str:
        """Its own certificate."""
        return str(self.folder / "ca.pem")

    def context(self, *names: str, demands: bool = False) -> ssl.SSLContext:
        """For a server of some names; `demands`: it takes only clients that this authority knows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.made.issue_cert(*names).configure_cert(context)
        if demands:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.file)
        return context

    def client(self) -> tuple[str, str]:
        """A client's certificate and its key."""
        issued = self.made.issue_cert("client@example.org")
        issued.private_key_pem.write_to_path(str(self.folder / "client.key"))
        for number, blob in enumerate(issued.cert_chain_pems):
            blob.write_to_path(str(self.folder / "client.pem"), append=number > 0)
        return str(self.folder / "client.pem"), str(self.folder / "client.key")


@pytest.fixture
def authority(tmp_path: pathlib.Path) -> Authority:
    """An authority that nobody knows of but by its file."""
    return Authority(tmp_path)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine on which the tests run."""
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


def test_an_authority_of_ones_own(authority: Authority) -> None:
    """A certificate of an authority of one's own is trusted where its file is named, and nothing is noted."""
    with RawServer(always(answer(GOOD)), authority.context("127.0.0.1")) as server:
        found = tried(server.url, settings(tls=Tls(authority.file)))
    assert found.row("response/200").outcome == "kept"
    assert not found.troubles()
    assert found.target.notes == []


def test_an_unknown_authority(authority: Authority) -> None:
    """A certificate of an unknown authority is not trusted, and nothing is sent."""
    with RawServer(always(answer(GOOD)), authority.context("127.0.0.1")) as server:
        found = tried(server.url)
        assert server.requests == []
    assert found.report.exit_code() == 3
    assert found.troubles() == {"TLS: the certificate is not trusted (unable to get local issuer certificate)"}


def test_a_certificate_of_another_host(authority: Authority) -> None:
    """A certificate of another host is not trusted, though its authority is."""
    with RawServer(always(answer(GOOD)), authority.context(HOST)) as server:
        found = tried(server.url, settings(tls=Tls(authority.file)))
        assert server.requests == []
    (trouble,) = found.troubles()
    assert trouble.startswith("TLS: the certificate is not trusted (IP address mismatch")


def test_insecure(authority: Authority) -> None:
    """Any certificate is accepted where none is checked, and the report says so loudly."""
    with RawServer(always(answer(GOOD)), authority.context(HOST)) as server:
        found = tried(server.url, settings(tls=Tls(False)))
    assert found.row("response/200").outcome == "kept"
    assert INSECURE in found.printed
    assert INSECURE in found.report.vendors[found.trial.vendor.slug].notes


def test_a_client_certificate(authority: Authority) -> None:
    """A server that demands a certificate of its clients gets ours."""
    with RawServer(always(answer(GOOD)), authority.context("127.0.0.1", demands=True)) as server:
        found = tried(server.url, settings(tls=Tls(authority.file, *authority.client())))
    assert found.row("response/200").outcome == "kept"


def test_no_client_certificate(authority: Authority) -> None:
    """A server that demands a certificate of its clients, and gets none, gives no answer."""
    with RawServer(always(answer(GOOD)), authority.context("127.0.0.1", demands=True)) as server:
        found = tried(server.url, settings(tls=Tls(authority.file)))
    assert found.report.exit_code() == 3
    assert all(text.startswith(("TLS failed (", "the connection was closed")) for text in found.troubles())


def test_a_client_certificate_goes_to_no_other_origin(authority: Authority) -> None:
    """A token endpoint of another origin is shown no client certificate and trusts no authority of the target's."""
    context = authority.context("127.0.0.1", demands=True)
    with RawServer(always(answer(GOOD)), context) as token, RawServer(always(answer(GOOD)), context) as server:
        oauth = OAuth(f"{token.url}/token", "client", "secret-secret")
        given = settings(
            credentials={"default": {}},
            renewals={"default": Renewal({}, oauth)},
            tls=Tls(authority.file, *authority.client()),
        )
        found = tried(server.url, given)
        assert token.requests == server.requests == []
    (wants,) = {row.wants for row in found.rows("could not run")}
    assert "the token request was lost: TLS: the certificate is not trusted" in wants


def plain(connection: Connection) -> None:
    """Answers in plain HTTP whatever comes."""
    connection.sock.recv(65536)
    connection.send(answer(GOOD))


def silent(connection: Connection) -> None:
    """Says nothing."""
    connection.wait()


def drips(connection: Connection) -> None:
    """Sends the beginning of a TLS record a byte at a time, for ever."""
    connection.send(b"\x16\x03\x03\x40\x00\x02")
    while not connection.wait(0.01):
        connection.send(b"\x00")


HANDSHAKES = [(plain, "TLS failed ("), (silent, "no whole answer within 0.2 s"), (drips, "")]


@pytest.mark.parametrize(("behave", "trouble"), HANDSHAKES, ids=["plain", "silent", "drips"])
def test_handshakes_that_fail(behave: Behaviour, trouble: str) -> None:
    """A handshake with a server that speaks no TLS, or takes for ever, is lost within the time for an answer."""
    with RawServer(behave) as server:
        timeout = 20 if behave is plain else 0.2
        found = tried(server.url.replace("http:", "https:"), settings(limits=Limits(timeout=timeout)))
    assert found.report.exit_code() == 3
    assert all(text.startswith(trouble) for text in found.troubles())
    assert found.troubles()


def test_a_full_backlog() -> None:
    """A connection that nobody accepts is lost within the time for an answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, socket.socket() as first:
        first.connect(listening.getsockname())
        others = [socket.socket() for _ in range(4)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(listening.getsockname())
        found = tried(f"http://127.0.0.1:{listening.getsockname()[1]}", settings(limits=Limits(timeout=0.2)))
        for other in others:
            other.close()
    assert found.troubles() == {"no whole answer within 0.2 s"}


def forwarding(to: RawServer, seen: list[bytes], refuse: bytes = b"") -> Behaviour:
    """A proxy that leads everything to one server, whatever host is asked for."""

    def behave(connection: Connection) -> None:
        request = connection.request()
        seen.append(request)
        if refuse:
            return connection.send(refuse)
        with socket.create_connection(("127.0.0.1", to.port)) as onward:
            if request.startswith(b"CONNECT "):
                connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                line, _, rest = request.partition(b"\r\n")
                method, target, version = line.split(b" ")
                onward.sendall(b" ".join([method, b"/" + target.split(b"/", 3)[3], version]) + b"\r\n" + rest)
            pump(connection.sock, onward)
        return None

    return behave


def pump(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until one side ends."""
    while True:
        ready, _, _ = select.select([one, other], [], [], 20)
        for sock in ready:
            if not (data := sock.recv(65536)):
                return
            (other if sock is one else one).sendall(data)
        if not ready:
            return


def test_a_proxy_for_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP goes to the proxy that the environment names, with the whole URL and the proxy's own credential."""
    seen: list[bytes] = []
    with RawServer(always(answer(GOOD))) as server, RawServer(forwarding(server, seen)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://joe:pass%2Fword-77@127.0.0.1:{proxy.port}")
        monkeypatch.delenv("REQUEST_METHOD", raising=False)
        found = tried(f"http://{HOST}:8080/prefix", settings(base_path="/prefix"))
    assert found.row("response/200").outcome == "kept"
    path = found.target.exchanges[0].request.target
    assert seen[0].startswith(f"GET http://server.example:8080/prefix{path} HTTP/1.1\r\n".encode())
    assert b"Host: server.example:8080\r\n" in seen[0]
    basic = base64.b64encode(b"joe:pass/word-77").decode()
    assert f"Proxy-Authorization: Basic {basic}\r\n".encode() in seen[0]
    assert f"sent by the proxy 127.0.0.1:{proxy.port}" in found.printed
    for secret in (basic, "pass/word-77", "pass%2Fword-77"):
        assert secret not in found.printed + found.written


def test_a_proxy_for_https(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    """HTTPS goes through a tunnel: the proxy sees the host and its own credential, and none of ours."""
    seen: list[bytes] = []
    context = authority.context(HOST)
    with RawServer(always(answer(GOOD)), context) as server, RawServer(forwarding(server, seen)) as proxy:
        monkeypatch.setenv("https_proxy", f"joe:pass-word-77@127.0.0.1:{proxy.port}")
        found = tried(f"https://{HOST}", settings(tls=Tls(authority.file)))
        assert any(TOKEN.encode() in request for request in server.requests)
        assert not any(b"Proxy-Authorization" in request for request in server.requests)
    assert found.row("response/200").outcome == "kept"
    assert seen[0].startswith(b"CONNECT server.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " in seen[0]
    assert TOKEN.encode() not in b"".join(seen)
    assert "pass-word-77" not in found.printed + found.written


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that opens no tunnel is told from a server that does not answer."""
    seen: list[bytes] = []
    with RawServer(silent) as server:
        refusing = forwarding(server, seen, answer(b"", status="407 Proxy Authentication Required"))
        with RawServer(refusing) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            found = tried(f"https://{HOST}")
    assert found.troubles() == {f"the proxy 127.0.0.1:{proxy.port} answered 407 to CONNECT"}


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that cannot be reached is told from a server that cannot."""
    with RawServer(silent) as gone:
        port = gone.port
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    assert tried(f"http://{HOST}").troubles() == {f"the proxy 127.0.0.1:{port} cannot be reached"}


def test_a_silent_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that never opens its tunnel is waited for no longer than for an answer."""
    with RawServer(silent) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        found = tried(f"https://{HOST}", settings(limits=Limits(timeout=0.2)))
    assert found.troubles() == {"no whole answer within 0.2 s"}


def test_hosts_without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY names hosts that are asked straight, and this machine always is."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", ".inside.example,straight.example")
    proxied = {host: proxy_for(f"http://{host}:80") for host in ("a.inside.example", "straight.example", "far.example")}
    assert [host for host, proxy in proxied.items() if proxy] == ["far.example"]
    assert proxy_for("http://127.0.0.1") is proxy_for("http://localhost") is proxy_for("http://[::1]:80") is None
    assert proxy_for("https://far.example") is None


def test_all_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY stands in for the scheme's own."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example")
    proxy = proxy_for("https://far.example")
    assert proxy is not None
    assert proxy.name == "proxy.example:80"


@pytest.mark.parametrize("named", ["socks5://u:secret-77@proxy.example", "http://", "http://proxy.example:no"])
def test_no_proxy_at_all(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no HTTP proxy is an error that names the variable, not the password in it."""
    monkeypatch.setenv("HTTP_PROXY", named)
    with pytest.raises(UsageError) as caught:
        tried(f"http://{HOST}")
    assert "HTTP_PROXY names no proxy that can be used: expected http://host:port" in str(caught.value)
    assert f"NO_PROXY={HOST}" in str(caught.value)
    assert "secret-77" not in str(caught.value)


def test_origins() -> None:
    """An origin is scheme, host and port; a port that is the scheme's own need not be written."""
    assert origin("https://Host.example") == origin("https://host.example:443/x") == ("https", "host.example", 443)
    assert origin("http://host.example") != origin("https://host.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "x.localhost"])
def test_loopback(host: str) -> None:
    """This machine has several names."""
    assert is_loopback(host)
    assert not is_loopback(f"{host}.example")
