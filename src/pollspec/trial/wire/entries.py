"""The entries of a target file: name, kind, default, and what each is for, as `pollspec init` and the docs say it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from packaging.version import InvalidVersion, Version
from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from pollspec.errors import UsageError
from pollspec.trial.settings import Polls
from pollspec.trial.wire.kinds import (
    MOST,
    From,
    Json,
    Number,
    Secret,
    Table,
    Value,
    Values,
    Whole,
    Word,
    checked,
    one_or_more,
    source_of,
)
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.urls import check_url

ONLY = ""
"""The name of a value that is given for the only parameter."""
DIGEST = r"^sha256:[0-9a-f]{64}$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"


def product_version(text: str) -> Version:
    """A product's version; UsageError for a text that is none."""
    try:
        return Version(text)
    except InvalidVersion:
        raise UsageError(f"{text!r} is no version: expected numbers and dots", "for example 9.15.1") from None


Release = Annotated[str, checked(product_version, 'product_version = "9.15.1"')]


def entry(default: Any, description: str, example: Any = None) -> Any:
    """An entry that may be left out. `example`: what is shown where its default is nothing."""
    return Field(default, description=description, examples=[default if example is None else example])


class OAuthEntries(Table):
    """A client of OAuth 2 (RFC 6749, 4.4)."""

    token_url: Annotated[str, checked(partial(check_url, query=True), 'token_url = "https://host/token"')] = Field(
        description="where it is asked for; nothing else is sent there", examples=["https://host/token"]
    )
    client_id: Secret = Field(description="who asks", examples=[{"env": "CLIENT_ID"}])
    client_secret: Secret = Field(description="sent in a Basic header", examples=[{"env": "CLIENT_SECRET"}])
    client_auth: Literal["basic", "body"] = entry("basic", "body sends the secret in the form instead")
    scope: str = entry("", "what the token is for", "read")
    parameters: dict[str, Secret] = entry({}, "what else the form holds", {"audience": "..."})
    verify: bool | Word | None = entry(None, "as above, for that server", True)


class Credential(Table):
    """Who asks: headers by name, or a user's name and password, or a client that gets a token."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Secret]

    username: Secret | None = entry(None, "with a password: the Basic header of both", {"env": "USER_NAME"})
    password: Secret | None = entry(None, "beside username; each may come from elsewhere", {"env": "PASSWORD"})
    oauth: OAuthEntries | None = entry(None, "instead: a token of OAuth 2, client credentials, renewed on 401", {})

    @property
    def headers(self) -> Mapping[str, str | From]:
        """The headers by name."""
        return self.__pydantic_extra__


class NamedCredential(Credential):
    """One of several of a kind."""

    name: Annotated[str, Field(pattern=NAME)] | None = entry(None, "what reports and login call it", "another")


Several = Annotated[list[NamedCredential], BeforeValidator(one_or_more)]


class Credentials(Table):
    """Who asks the target."""

    default: Credential | None = entry(None, "a user who may see progress")
    accepted: Several = entry([], "further users who may, each of whom is tried; one, or several")
    unprivileged: Several = entry([], "users who may not see progress; one, or several")
    refused: Several = entry([], "logins that must be refused (expired, mismatched), each sent once; one, or several")
    invalid: Credential | None = entry(
        None, "a login of nobody, in place of one that is nearly right; sent once in a run"
    )


class Cert(Table):
    """Our own certificate, as PEM files."""

    file: Word = Field(description="the certificate, and perhaps its key", examples=["client.pem"])
    key: Word | None = entry(None, "its key", "client.key")
    password: Secret = entry("", "what opens the key", {"env": "KEY_PASSWORD"})


class Identifier(Table):
    """What identifies something, by the document's parameters, and who asks for it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Value]

    given: dict[str, Value] = entry({}, "parameters that are called like another entry here")
    login: Word | None = entry(None, "the credential that asks about it, where it is not the default one", "default")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, written: Any) -> Any:
        """A single value is that of the only parameter; true stands for none."""
        if written is True:
            return {}
        return written if isinstance(written, dict) and not source_of(written) else {"given": {ONLY: written}}

    @property
    def values(self) -> Mapping[str, str | int | From]:
        """Every parameter by its name."""
        return {**(self.__pydantic_extra__ or {}), **self.given}


class KnownIdentifier(Identifier):
    """An identifier, and what it is known to show."""

    stage: Word | None = entry(None, "the stage of the document that it is in", "")
    shows: dict[str, Json] = entry({}, "what its answers show: values by JSON pointer")
    name: Annotated[str, Field(pattern=NAME)] | None = entry(None, "what reports call it", "my-own")


class StartBody(Table):
    """One of several bodies of a start."""

    body: dict[str, Json] = Field(description="what is sent", examples=[{}])
    leads_to: Word | None = entry(None, "the subject that is started by it")


def _bodies(value: Any) -> Any:
    return ([{"body": value}] if value else []) if isinstance(value, dict) else value


Subjects = dict[str, Annotated[list[Identifier], BeforeValidator(one_or_more)]]
Bodies = dict[str, Annotated[list[StartBody], BeforeValidator(_bodies)]]


class PollEntries(Table):
    """How a running operation is followed."""

    interval: Number | None = entry(None, "seconds between polls (the document's)", 5)
    at_most: Number | None = entry(None, "seconds after which an operation is given up (the document's)", 3600)
    after_end: Annotated[int, Field(ge=0, le=MOST)] = entry(
        Polls.after_end, "polls after its end, to see that it stays there"
    )
    lasts: Number | None = entry(None, "seconds that an operation usually lasts: the two above follow from it", 1800)


class LimitEntries(Table):
    """What the run and each answer may take."""

    timeout: Number = entry(Limits.timeout, "seconds for one answer, from request to last byte")
    size: Whole = entry(Limits.size, "bytes of one answer, inflated")
    requests: Whole = entry(Limits.requests, "requests of the whole run")
    values: Whole = entry(Limits.values, "JSON values of one answer")
    memory: Whole = entry(Limits.memory, "bytes that all answers of the run may take, once read")
    pause: Number = entry(Limits.pause, "seconds that a Retry-After is waited for at most")
    patience: Number = entry(Limits.patience, "seconds of nothing but lost answers, 5xx and 429 until it is given up")
    rate: Number | None = entry(None, "requests a second at most", 5)
    time: Number | None = entry(None, "seconds of the whole run", 600)


class ClaimEntries(Table):
    """Who claims what of which product."""

    claimant: Word = entry("", "who says so", "Example Ltd")
    product: Word = entry("", "what is tested", "Example Server")
    artifact: Annotated[str, Field(pattern=DIGEST)] | None = entry(
        None, "the digest of what is tested: an image, a release", f"sha256:{'0' * 64}"
    )


class TargetEntries(Table):
    """The whole file."""

    base_url: Annotated[str, checked(check_url)] = Field(description="where the server is", examples=["https://host"])
    base_path: Word | None = entry(
        None, "what stands before every path (the URL's own path, or the document's)", "/api"
    )
    allow_writes: bool = entry(False, "true lets operations run that start something")
    try_wrong_logins: bool = entry(True, "false sends no wrong login, nor those of refused, where accounts get locked")
    product_version: Release | None = entry(None, "what is tested, for beliefs that depend on the version", "1.0")
    verify: bool | Word = entry(True, "false accepts any certificate; a path names your own authority's file")
    cert: Cert | None = entry(
        None, "our certificate; a password may open the key", {"file": "client.pem", "key": "client.key"}
    )
    credentials: Credentials = entry(Credentials(), "who asks the target")
    headers: dict[str, Secret] = entry({}, "further headers of every request; a credential's own do not belong here")
    subjects: Subjects = entry(
        {}, "identifiers known to be in a state; one, or several; { login = NAME } in it says who asks"
    )
    known: list[KnownIdentifier] = entry([], "identifiers, and what each is known to show")
    crossing: dict[str, Values] = entry({}, "the same parameter in another zone, tenant or cluster; one, or several")
    malformed: dict[str, Values] = entry({}, "values that a parameter or a body's field cannot have; one, or several")
    bodies: Bodies = entry({}, "what to send to start something; one body, or several")
    polls: PollEntries = entry(PollEntries(), "how a running operation is followed")
    limits: LimitEntries = entry(LimitEntries(), "what the run and each answer may take")
    claim: ClaimEntries = entry(ClaimEntries(), "what --claim says of who claims, and of what")
