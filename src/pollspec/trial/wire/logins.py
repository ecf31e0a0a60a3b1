"""The entries of a target file about who asks: credentials and how they are renewed, certificates, further headers."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping

from pollspec.document import expressions
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.trial.wire.connections import Tls, origin
from pollspec.trial.wire.credentials import AUTHORIZATION, OAuth, Renewal
from pollspec.trial.wire.entries import Credential, NamedCredential, OAuthEntries, TargetEntries
from pollspec.trial.wire.kinds import From
from pollspec.trial.wire.sources import Basic, NoSecret, Source, usable
from pollspec.trial.wire.tomlfile import Place, TomlFile, key
from pollspec.trial.wire.urls import check_url

KINDS = ("default", "accepted", "unprivileged", "refused", "invalid")
RESERVED = {*KINDS, "none", "unknown"}
"""What an exchange's credential is called for other reasons."""
FRAMING = {"connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"}
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, 5.6.2)."""


class Logins:
    """What a target file says about who asks.

    `credentials`: name -> expression -> value, as they are now; those of nobody come from the document by default.
    `kinds`: name -> what kind it is; `places`: name -> where it stands; `renewals`: how those are got anew that may
    change, or that a client gets.
    """

    def __init__(self, file: TomlFile, entries: TargetEntries, vendor: Vendor) -> None:
        self.file, self.entries, self.vendor = file, entries, vendor
        self.tls = self._tls()
        invalid = vendor.credentials.get("invalid")
        self.credentials: dict[str, Mapping[str, str]] = {"default": {}, **({"invalid": invalid} if invalid else {})}
        self.kinds = {name: name for name in self.credentials}
        self.renewals: dict[str, Renewal] = {}
        self.places: dict[str, str] = {}
        for name, kind, place, one in self._named():
            self.kinds[name], self.credentials[name] = kind, self._values(place, one)
            self.places[name] = file.where(place)
            renewal = self._renewal(place, one)
            if renewal.sources or renewal.oauth:
                self.renewals[name] = renewal

    def _named(self) -> Iterator[tuple[str, str, Place, Credential]]:
        """Each credential that is given, with its name, its kind, and where it stands."""
        seen: set[str] = set()
        for kind in KINDS:
            given = getattr(self.entries.credentials, kind)
            for number, one in enumerate(given if isinstance(given, list) else [given] if given else []):
                place: Place = ("credentials", kind, number) if isinstance(given, list) else ("credentials", kind)
                own = one.name if isinstance(one, NamedCredential) else None
                name = own or (kind if number == 0 else f"{kind}-{number + 1}")
                if name in seen or (own in RESERVED and own != kind):
                    raise self.file.error((*place, "name"), f"{{}}: {name!r} is another's name", 'name = "another"')
                seen.add(name)
                yield name, kind, place, one

    def _values(self, place: Place, one: Credential) -> dict[str, str]:
        values = {f"$request.header.{name}": self.header((*place, name), name, v) for name, v in one.headers.items()}
        ways = ["authorization" in {name.lower() for name in one.headers}, one.oauth is not None]
        if one.username is not None or one.password is not None:
            ways.append(True)
            values[AUTHORIZATION] = self._basic(place, one)
        if sum(ways) > 1:
            raise self.file.error(place, "{} gives Authorization twice", "leave one: header, username, or oauth")
        return values

    def _basic(self, place: Place, one: Credential) -> str:
        parts = []
        for name, value in (("username", one.username), ("password", one.password)):
            if value is None:
                raise self.file.error((*place, name), "{} is missing", f'{name} = {{ env = "NAME" }}')
            parts.append(self.file.text((*place, name), value))
        try:
            return Basic(parts[0], parts[1])()
        except NoSecret as error:
            raise self.file.error(place, f"{{}}: {error}", "mend username and password") from None

    def _renewal(self, place: Place, one: Credential) -> Renewal:
        file = self.file
        sources: dict[str, Source | Basic] = {
            f"$request.header.{name}": file.source(value)
            for name, value in one.headers.items()
            if isinstance(value, From) and value.changes
        }
        parts = [value for value in (one.username, one.password) if value is not None]
        if any(isinstance(value, From) and value.changes for value in parts):
            user, password = (file.source(value) if isinstance(value, From) else value for value in parts)
            sources[AUTHORIZATION] = Basic(user, password)
        return Renewal(sources, self._oauth((*place, "oauth"), one.oauth) if one.oauth else None)

    def headers(self) -> dict[str, str]:
        """Further headers of every request."""
        signed = {expressions.parse(text).name.lower() for text in self.vendor.signing.places}
        for name in self.entries.headers:
            if name.lower() in signed:
                raise self.file.error(
                    ("headers", name),
                    "{} is a credential's, and would be sent where none must be",
                    f"put it under [credentials.default]: {name} = ...",
                )
        return {name: self.header(("headers", name), name, value) for name, value in self.entries.headers.items()}

    def header(self, place: Place, name: str, value: str | From) -> str:
        """The value of a header."""
        try:
            check_header(name)
            return usable(self.file.text(place, value))
        except (NoSecret, UsageError) as error:
            raise self.file.error(place, f"{{}}: {error.args[0]}", f'{key(name)} = {{ env = "NAME" }}') from None

    def _oauth(self, place: Place, given: OAuthEntries) -> OAuth:
        if place[1] in {"refused", "invalid"}:
            raise self.file.error(place, "{}: a client gets no login that is refused", "[credentials.default.oauth]")

        def text(name: str, value: str | From) -> str:
            return self.file.text((*place, name), value)

        return OAuth(
            token_url=check_url(given.token_url, query=True),
            client_id=text("client_id", given.client_id),
            client_secret=text("client_secret", given.client_secret),
            scope=given.scope,
            in_body=given.client_auth == "body",
            parameters={name: text(f"parameters.{name}", value) for name, value in given.parameters.items()},
            tls=self._token_tls(place, given),
        )

    def _token_tls(self, place: Place, given: OAuthEntries) -> Tls:
        """The target's own settings serve its own origin alone: a certificate is a credential."""
        if given.verify is not None:
            return self._usable((*place, "verify"), Tls(self._authority((*place, "verify"), given.verify)))
        return self.tls if origin(given.token_url) == origin(self.entries.base_url) else Tls()

    def _tls(self) -> Tls:
        verify = self._authority(("verify",), self.entries.verify)
        trusting, cert = self._usable(("verify",), Tls(verify)), self.entries.cert
        if cert is None:
            return trusting
        file = self.file.pem(("cert", "file"), cert.file)
        key = self.file.pem(("cert", "key"), cert.key) if cert.key else ""
        return self._usable(("cert",), Tls(verify, file, key, self.file.text(("cert", "password"), cert.password)))

    def _authority(self, place: Place, verify: bool | str) -> bool | str:
        return self.file.pem(place, verify) if isinstance(verify, str) else verify

    def _usable(self, place: Place, tls: Tls) -> Tls:
        """Settings whose files are what they should be."""
        try:
            tls.context()
        except OSError as error:
            why = error.reason if isinstance(error, ssl.SSLError) and error.reason else type(error).__name__
            hint = "openssl x509 -in FILE -noout -text"
            raise self.file.error(place, f"{{}} names no usable PEM file ({why})", hint) from None
        return tls


def check_header(name: str) -> None:
    """UsageError for a name that no header has, or that is the connection's own business."""
    if not TOKEN.fullmatch(name):
        raise UsageError("what should be a header's name is none")
    if name.lower() in FRAMING:
        raise UsageError(f"{name} is the connection's own business")
