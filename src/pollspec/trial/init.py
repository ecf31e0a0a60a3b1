"""`pollspec init`: a target file to fill in, with a comment on every line."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from pollspec.document import expressions
from pollspec.document.loader import load
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.trial.identifiers import fields, identifying, needed, parameters, stages
from pollspec.trial.wire.entries import (
    ClaimEntries,
    Credentials,
    KnownIdentifier,
    LimitEntries,
    NamedCredential,
    OAuthEntries,
    PollEntries,
    StartBody,
    TargetEntries,
)
from pollspec.trial.wire.kinds import Table
from pollspec.trial.wire.tomlfile import key, toml

HEAD = """\
# A target file of pollspec: pollspec test {} --target FILE
# A value may be a text, or come from elsewhere: {{ env = NAME }}, {{ file = PATH }}, {{ command = LINE }}.
# A prefix = "Bearer " may stand beside these. A file or command is read again when the server answers 401.
# A file's name is relative to the folder of this file. What a command prints is the value. It runs without a shell:
# for $(...), a pipe and the like write {{ command = "sh -c '...'" }}."""


def target_file(vendor: str) -> str:
    """The text of a target file for a vendor."""
    return "\n".join(_lines(load(vendor))) + "\n"


def _line(text: str, comment: str | None) -> str:
    return f"{text:<52} # {' '.join((comment or '').split())}"


def _section(table: type[Table], name: str, head: str, shown: bool = False) -> str:
    field = table.model_fields[name]
    return "\n" + _line(head if shown else f"# {head}", field.description)


def _entries(table: type[Table], shown: bool = True, **examples: Any) -> Iterator[str]:
    """The entries of a table, but for tables in it. What has no default is commented out."""
    for name, field in table.model_fields.items():
        example = examples.get(name, (field.examples or [None])[0])
        if example not in (None, {}, []) and not isinstance(example, Table):
            mark = "" if shown and (field.is_required() or field.default not in (None, "")) else "# "
            yield _line(f"{mark}{name} = {toml(example)}", field.description)


def _lines(vendor: Vendor) -> Iterator[str]:
    yield HEAD.format(shlex.quote(vendor.document.typed))
    yield from _entries(TargetEntries, base_path=vendor.base_path)
    yield from _credentials(vendor)
    yield _section(TargetEntries, "headers", "[headers]")
    yield _line('# X-Forwarded-Host = "host"', "never sent to a token_url")
    yield from _identifiers(vendor)
    for operation in vendor.operations.values():
        if operation.bodies:
            yield _section(TargetEntries, "bodies", f"[bodies.{key(operation.id)}]", shown=True)
            for name, value in operation.body.items() if isinstance(operation.body, dict) else ():
                yield _line(f"# {key(name)} = {toml(value)}", "from the document's example")
            yield _section(TargetEntries, "bodies", f"[[bodies.{key(operation.id)}]]")
            yield from _entries(StartBody, False, body=operation.body, leads_to=next(iter(vendor.subjects), ""))
    every = min((lifecycle.every for lifecycle in vendor.lifecycles.values()), default=1)
    at_most = max((lifecycle.at_most for lifecycle in vendor.lifecycles.values()), default=3600)
    yield _section(TargetEntries, "polls", "[polls]", shown=True)
    yield from _entries(PollEntries, interval=every, at_most=at_most)
    yield _section(TargetEntries, "limits", "[limits]", shown=True)
    yield from _entries(LimitEntries)
    yield _section(TargetEntries, "claim", "[claim]", shown=True)
    yield from _entries(ClaimEntries)


def _credentials(vendor: Vendor) -> Iterator[str]:
    """Each kind of credential, by the headers of the document's own."""
    for kind in Credentials.model_fields:
        headers = vendor.credentials.get(kind) or vendor.credentials.get("default")
        shown, several = kind == "default" and bool(headers), kind not in {"default", "invalid"}
        name = f"credentials.{kind}"
        yield _section(Credentials, kind, f"[[{name}]]" if several else f"[{name}]", kind == "default")
        for text in headers or ["$request.header.Authorization"]:
            header = expressions.parse(text).name
            variable = f"{kind}_{header}".upper().replace("-", "_")
            yield _line(f'{"" if shown else "# "}{header} = {{ env = "{variable}" }}', "this header's whole value")
        if several:
            yield _line(f'# name = "{kind}"', NamedCredential.model_fields["name"].description)
        if kind == "default":
            yield from list(_entries(NamedCredential))[:2]
            yield _section(NamedCredential, "oauth", "[credentials.default.oauth]")
            yield from _entries(OAuthEntries, False)


def _identifiers(vendor: Vendor) -> Iterator[str]:
    """Subjects, what is known to be shown, and what varies identifiers, by the document's parameters."""
    yield _section(TargetEntries, "subjects", "[subjects]", shown=True)
    for subject in vendor.subjects.values():
        names = dict.fromkeys(needed(vendor, subject), "...")
        example = toml(names or True) if len(names) != 1 else '"..."'
        more = " (by default the document's own)" if subject.anywhere else ""
        yield _line(f"# {key(subject.name)} = {example}", subject.description + more)
    showing = [operation for operation in vendor.operations.values() if stages(vendor, operation)]
    asked = max(showing, key=lambda operation: len(identifying(vendor, operation)), default=None)
    crossed = identifying(vendor, asked) if asked else {}
    if asked:
        yield from _known(vendor, asked, list(crossed))
    every: dict[str, str] = {}
    for operation in vendor.operations.values():
        every |= parameters(vendor, operation) | fields(operation)
    for section, known in (("crossing", crossed), ("malformed", every)):
        yield _section(TargetEntries, section, f"[{section}]")
        yield from (_line(f'# {key(name)} = "..."', "one value, or a list of several") for name in known)


def _known(vendor: Vendor, operation: Operation, names: list[str]) -> Iterator[str]:
    """An identifier that is known to be in a stage of an operation's."""
    yield _section(TargetEntries, "known", "[[known]]")
    yield from (_line(f'# {key(name)} = "..."', "the document's own parameter") for name in names)
    shown = stages(vendor, operation)
    yield _line(f"# stage = {toml(shown[0])}", f"the stage that it is in: {', '.join(shown)}")
    yield _line(f"# shows = {toml(_shows(vendor, operation, shown[0]))}", "values in its answers, by JSON pointer")
    yield from _entries(KnownIdentifier, False, stage=None)


def _shows(vendor: Vendor, operation: Operation, stage: str) -> dict[str, Any]:
    """What an answer shows in a stage: where the state stands, and what it is there."""
    lifecycle = vendor.lifecycle_of(operation.id)
    assert lifecycle is not None
    state = lifecycle.stages[stage].states[operation.id]
    example = state[0] if isinstance(state, list) else state
    return {lifecycle.views[operation.id].state.partition("#")[2]: example if isinstance(example, str) else "..."}
