"""The entries of a target file about who asks: credentials and how they are renewed, certificates, further headers."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import TargetFileError, UsageError, nearest
from ..grammar import expressions
from ..vendor import Vendor
from .connections import Tls, origin
from .credentials import NoSecret, OAuth, Renewal, usable
from .entries import SECRET, TABLE, TEXT, Entries, Kinds
from .urls import check_url

CREDENTIALS = ("default", "unprivileged", "invalid")
CERT: Kinds = {"file": TEXT, "key": TEXT, "password": SECRET}
OAUTH: Kinds = {
    "token_url": TEXT, "client_id": SECRET, "client_secret": SECRET, "scope": TEXT, "client_auth": TEXT,
    "parameters": TABLE, "verify": (bool, str),
}  # fmt: skip
FRAMING = {"connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"}
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, 5.6.2)."""


class Logins:
    """What a target file says about who asks a target at `url`."""

    def __init__(self, entries: Entries, vendor: Vendor, url: str) -> None:
        self.entries, self.vendor, self.url = entries, vendor, url
        self.tls = _tls(entries)

    def credentials(self) -> dict[str, Mapping[str, str]]:
        """Name -> expression -> value, as they are now. Those of nobody come from the document by default."""
        invalid = self.vendor.credentials.get("invalid")
        found: dict[str, Mapping[str, str]] = {"default": {}, **({"invalid": invalid} if invalid else {})}
        for name, headers in self._named():
            found[name] = {
                f"$request.header.{header}": self._header(f"credentials.{name}.{header}", header, value)
                for header, value in headers.items()
                if header != "oauth"
            }
        return found

    def renewals(self) -> dict[str, Renewal]:
        """How each credential is got anew: those with a source that may give another value, or with a client."""
        found = {}
        for name, headers in self._named():
            sources = {f"$request.header.{header}": self.entries.source(value) for header, value in headers.items()}
            given = {text: source for text, source in sources.items() if source is not None}
            oauth = self._oauth(name, headers) if "oauth" in headers else None
            if given or oauth:
                found[name] = Renewal(given, oauth)
        return found

    def headers(self) -> dict[str, str]:
        """Further headers of every request."""
        signed = {expressions.parse(text).name.lower() for texts in self.vendor.credentials.values() for text in texts}
        found = {}
        for name, value in self.entries.content.get("headers", {}).items():
            if name.lower() in signed:
                raise self.entries.error(
                    f"headers.{name} is a credential's, and would be sent where none must be",
                    f"put it under [credentials.default]: {name} = ...",
                )
            found[name] = self._header(f"headers.{name}", name, value)
        return found

    def _named(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, headers in self.entries.content.get("credentials", {}).items():
            if name not in CREDENTIALS:
                raise self.entries.error(f"unknown credential {name!r}", nearest(name, CREDENTIALS))
            if not isinstance(headers, dict):
                raise self.entries.error(f"credentials.{name} is no table of headers", f"[credentials.{name}]")
            yield name, headers

    def _header(self, place: str, name: str, value: Any) -> str:
        try:
            check_header(name)
            return usable(self.entries.secret(place, value))
        except (NoSecret, UsageError) as error:
            raise self.entries.error(f"{place}: {error.args[0]}", f'{name} = {{ env = "NAME" }}') from None

    def _oauth(self, name: str, headers: Mapping[str, Any]) -> OAuth:
        entries, place = self.entries, f"credentials.{name}.oauth"
        given = headers["oauth"]
        if not isinstance(given, dict) or name == "invalid":
            raise entries.error(f"{place} is no table for a client", "[credentials.default.oauth]")
        entries.check(f"{place}.", given, OAUTH)
        if "authorization" in {header.lower() for header in headers}:
            raise entries.error(f"{place}: the token goes into Authorization, which is given too", "take one out")
        for wanted in ("token_url", "client_id", "client_secret"):
            if wanted not in given:
                raise entries.error(f"{place}.{wanted} is missing", f'{wanted} = "..."')
        if (way := given.get("client_auth", "basic")) not in {"basic", "body"}:
            raise entries.error(f"{place}.client_auth is {way!r}, expected basic or body", 'client_auth = "basic"')
        more = given.get("parameters", {})
        return OAuth(
            token_url=self._token_url(place, given["token_url"]),
            client_id=entries.secret(f"{place}.client_id", given["client_id"]),
            client_secret=entries.secret(f"{place}.client_secret", given["client_secret"]),
            scope=given.get("scope", ""),
            in_body=way == "body",
            parameters={key: entries.secret(f"{place}.parameters.{key}", value) for key, value in more.items()},
            tls=self._token_tls(place, given),
        )

    def _token_url(self, place: str, url: str) -> str:
        try:
            return check_url(url, query=True)
        except TargetFileError as error:
            hint = 'token_url = "https://host/token"'
            raise self.entries.error(f"{place}.token_url: {error.args[0]}", hint) from None

    def _token_tls(self, place: str, given: Mapping[str, Any]) -> Tls:
        """The target's own settings serve its own origin alone: a certificate is a credential."""
        if "verify" in given:
            where = f"{place}.verify"
            return checked(self.entries, where, Tls(_authority(self.entries, where, given["verify"])))
        return self.tls if origin(given["token_url"]) == origin(self.url) else Tls()


def check_header(name: str) -> None:
    """UsageError for a name that no header has, or that is the connection's own business."""
    if not TOKEN.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a header")
    if name.lower() in FRAMING:
        raise UsageError(f"{name} is the connection's own business")


def _authority(entries: Entries, place: str, verify: bool | str) -> bool | str:
    return entries.file(place, verify) if isinstance(verify, str) else verify


def _tls(entries: Entries) -> Tls:
    given = entries.table("cert", CERT)
    verify = _authority(entries, "verify", entries.content.get("verify", True))
    if not given:
        return checked(entries, "verify", Tls(verify))
    if "file" not in given:
        raise entries.error("cert.file is missing", 'cert = { file = "client.pem", key = "client.key" }')
    file, key = (entries.file(f"cert.{name}", given[name]) if name in given else "" for name in ("file", "key"))
    password = entries.secret("cert.password", given["password"]) if "password" in given else ""
    checked(entries, "verify", Tls(verify))
    return checked(entries, "cert", Tls(verify, file, key, password))


def checked(entries: Entries, place: str, tls: Tls) -> Tls:
    """Settings whose files are what they should be."""
    try:
        tls.context()
    except OSError as error:
        why = error.reason if isinstance(error, ssl.SSLError) and error.reason else type(error).__name__
        raise entries.error(f"{place} names no usable PEM file ({why})", "openssl x509 -in FILE -noout -text") from None
    return tls
