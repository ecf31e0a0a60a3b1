"""The logins that a document requires, as functions that give their headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pollspec.document.pollers.words import literal, plain, snake
from pollspec.document.references import resolve
from pollspec.document.vendor import Vendor

TOKENS = {"oauth2", "openIdConnect"}


def logins(vendor: Vendor, operations: Sequence[str]) -> Iterator[str]:
    """A function for each way to log in that is one by headers."""
    ways: dict[tuple[str, ...], list[tuple[list[str], str]]] = {}
    for name in operations:
        default = vendor.document.content.get("security", [])
        for requirement in vendor.operations[name].node.get("security", default):
            schemes = [_scheme(vendor, scheme) for scheme in requirement]
            parts = [part for scheme in schemes if (part := _headers(scheme))]
            if parts and len(parts) == len(schemes):
                ways[tuple(requirement)] = parts
    for names, parts in ways.items():
        name = "login" if len(ways) == 1 else "_".join(["login_with", *(snake(one) for one in names)])
        yield _function(name, names, parts)


def _scheme(vendor: Vendor, name: str) -> Mapping[str, Any]:
    node = vendor.components.get("securitySchemes", {}).get(name, {})
    found: Mapping[str, Any] = resolve(vendor.document.content, node)[0]
    return found


def _headers(scheme: Mapping[str, Any]) -> tuple[list[str], str] | None:
    """The parameters of a scheme and the header that is made of them; None where it is none by header."""
    kind, way = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey" and scheme.get("in") == "header":
        name = snake(scheme["name"])
        return [name], f"{literal(scheme['name'])}: {name}"
    if kind == "http" and way == "basic":
        return ["username", "password"], '"Authorization": basic(username, password)'
    if kind in TOKENS or (kind == "http" and way == "bearer"):
        return ["token"], '"Authorization": f"Bearer {token}"'
    return None


def _function(name: str, schemes: Sequence[str], parts: Sequence[tuple[list[str], str]]) -> str:
    parameters = ", ".join(f"{one}: str" for one in dict.fromkeys(one for names, _ in parts for one in names))
    return f'''

def {name}(*, {parameters}) -> dict[str, str]:
    """The headers of a login ({plain(", ".join(schemes))}), for the client."""
    return {{{", ".join(header for _, header in parts)}}}
'''
