"""The test cards of a polite server: the operations, credentials and subjects that it knows."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from pollspec.document.expressions import parse
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor


def cards(vendor: Vendor, url: str) -> dict[str, Any]:
    """The address, the operations, the credentials and the subjects of a polite server."""
    return {
        "vendor": vendor.slug,
        "url": url,
        "operations": {o.id: f"{o.method} {url}{vendor.base_path}{o.path}" for o in vendor.operations.values()},
        "credentials": {
            name: {parse(text).name: value for text, value in headers.items()}
            for name, headers in vendor.credentials.items()
        },
        "subjects": {
            name: {
                "description": subject.description,
                "stages": list(subject.path),
                "given": {parse(text).name: value for text, value in subject.given.items()},
                "starts_with": {parse(text).name: value for text, value in subject.starts_with.items()},
            }
            for name, subject in vendor.subjects.items()
        },
    }


def table(vendor: Vendor, url: str) -> str:
    """The same as text."""
    told = cards(vendor, url)
    lines = [f"{vendor.slug}: a polite server at {url}", ""]
    lines += [f"  {name:<28} {line}" for name, line in told["operations"].items()]
    lines += ["", "credentials"]
    for name, headers in told["credentials"].items():
        lines.append(
            f"  {name:<14} " + ("; ".join(f"{header}: {value}" for header, value in headers.items()) or "none needed")
        )
    lines += ["", "test cards"]
    for name, subject in told["subjects"].items():
        given = ", ".join(f"{key}={value}" for key, value in subject["given"].items())
        lines.append(f"  {name:<14} {given}")
        lines.append(f"  {'':<14} {subject['description']}")
    lines += [
        "",
        f"pollspec test {shlex.quote(vendor.document.typed)} {url}"
        + (" --allow-writes" if any(o.writes for o in vendor.operations.values()) else ""),
    ]
    return "\n".join(lines)


def page(vendors: Sequence[str]) -> str:
    """The cards of several vendors in Markdown."""
    return "\n".join(line for name in vendors for line in _page(cards(load(name), ""))) + "\n"


def _page(told: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {told['vendor']}", "")
    yield from (f"- `{operation}`: `{line}`" for operation, line in told["operations"].items())
    yield from ("", "| credential | headers |", "|---|---|")
    for name, headers in told["credentials"].items():
        yield f"| {name} | {'; '.join(f'`{header}: {value}`' for header, value in headers.items()) or 'none needed'} |"
    yield from ("", "| subject | card | stages | |", "|---|---|---|---|")
    for name, subject in told["subjects"].items():
        given = [f"`{key}={value}`" for key, value in subject["given"].items()]
        given += [f"or a start with `{key}={value}`" for key, value in subject["starts_with"].items()]
        yield f"| {name} | {', '.join(given)} | {', '.join(subject['stages']) or 'none'} | {subject['description']} |"
    yield ""
