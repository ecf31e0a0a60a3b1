"""`pollspec init`: a target file to fill in, with a comment on every line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

from .grammar.expressions import parse
from .reading import load
from .target import Polls
from .vendor import Vendor
from .wire.limits import Limits


def target_file(vendor: str) -> str:
    """The text of a target file for a vendor."""
    return "\n".join(_lines(load(vendor))) + "\n"


def _entry(line: str, comment: str) -> str:
    return f"{line:<52} # {comment}"


def _lines(vendor: Vendor) -> Iterator[str]:
    yield f"# A target file of pollspec: pollspec test {shlex.quote(vendor.document.typed)} --target FILE"
    yield "# A value may be a text, or come from elsewhere: { env = NAME }, { file = PATH }, { command = LINE }."
    yield '# A prefix = "Bearer " may stand beside these. A file or command is read again when the server answers 401.'
    yield "# A file's name is relative to the folder of this file."
    yield _entry('base_url = "https://host"', "where the server is")
    yield _entry(f'base_path = "{vendor.base_path}"', "what stands before every path of the document")
    yield _entry("allow_writes = false", "true lets operations run that start something")
    yield _entry("try_wrong_logins = true", "false sends no wrong credential, where accounts get locked")
    yield _entry('# product_version = "1.0"', "what is tested, for beliefs that depend on the version")
    yield _entry("verify = true", "false accepts any certificate; a path names your own authority's file")
    yield _entry('# cert = { file = "client.pem", key = "client.key" }', "our certificate; a password may open the key")
    for name in ("default", "unprivileged", "invalid"):
        headers = vendor.credentials.get(name, {})
        if not headers and name != "default":
            continue
        yield ""
        mark = "" if name == "default" else "# "
        yield _entry(f"{mark}[credentials.{name}]", _CREDENTIALS[name])
        if not headers:
            yield _entry(f'# Authorization = {{ env = "{name.upper()}_AUTHORIZATION" }}', "this header's whole value")
        for text in headers:
            header = parse(text).name
            variable = f"{name}_{header}".upper().replace("-", "_")
            yield _entry(f'{mark}{header} = {{ env = "{variable}" }}', "this header's whole value")
        if name == "default":
            yield from _CLIENT
    yield ""
    yield _entry("# [headers]", "further headers of every request; a credential's own do not belong here")
    yield _entry('# X-Forwarded-Host = "host"', "never sent to a token_url")
    yield ""
    yield _entry("[subjects]", "identifiers known to be in a state; one, or a list of several")
    signed = {text for headers in vendor.credentials.values() for text in headers}
    for subject in vendor.subjects.values():
        if not subject.anywhere:
            needed = {parse(text).name: text for text in subject.given if text not in signed}
            if not needed:
                example = "true"
            elif len(needed) == 1:
                example = '"..."'
            else:
                example = "{ " + ", ".join(f'{name} = "..."' for name in needed) + " }"
            yield _entry(f"# {subject.name} = {example}", subject.description)
    for operation in vendor.operations.values():
        if operation.bodies:
            yield ""
            yield _entry(f"[bodies.{operation.id}]", "what to send to start something")
            for name, value in operation.body.items():
                yield _entry(f"# {name} = {json.dumps(value)}", "from the document's example")
    yield ""
    yield _entry("[polls]", "how a running operation is followed")
    every = max((lifecycle.every for lifecycle in vendor.lifecycles.values()), default=1)
    at_most = max((lifecycle.at_most for lifecycle in vendor.lifecycles.values()), default=3600)
    yield _entry(f"interval = {every}", "seconds between polls")
    yield _entry(f"at_most = {at_most}", "seconds after which an operation is given up")
    yield _entry(f"after_end = {Polls.after_end}", "polls after its end, to see that it stays there")
    yield ""
    yield _entry("[limits]", "what the run and each answer may take")
    yield _entry(f"timeout = {Limits.timeout:g}", "seconds for one answer, from request to last byte")
    yield _entry(f"size = {Limits.size}", "bytes of one answer, inflated")
    yield _entry(f"requests = {Limits.requests}", "requests of the whole run")
    yield _entry(f"values = {Limits.values}", "JSON values of one answer")
    yield _entry(f"memory = {Limits.memory}", "bytes that all answers of the run may take, once read")
    yield _entry(f"pause = {Limits.pause:g}", "seconds that a Retry-After is waited for at most")
    yield _entry(f"patience = {Limits.patience:g}", "seconds of lost answers until an operation is given up")
    yield _entry("# rate = 5", "requests a second at most")
    yield _entry("# time = 600", "seconds of the whole run")


_CLIENT = (
    "",
    _entry("# [credentials.default.oauth]", "instead: a token of OAuth 2, client credentials, renewed on 401"),
    _entry('# token_url = "https://host/token"', "where it is asked for; nothing else is sent there"),
    _entry('# client_id = { env = "CLIENT_ID" }', "who asks"),
    _entry('# client_secret = { env = "CLIENT_SECRET" }', "sent in a Basic header"),
    _entry('# client_auth = "body"', "sends it in the form instead"),
    _entry('# scope = "read"', "what the token is for"),
    _entry('# parameters = { audience = "..." }', "what else the form holds"),
    _entry("# verify = true", "as above, for that server"),
)

_CREDENTIALS = {
    "default": "the headers of a user who may see progress",
    "unprivileged": "the headers of a user who may not",
    "invalid": "the headers of nobody, instead of the document's own; sent once per refusal",
}
