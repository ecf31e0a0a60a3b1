"""A fleet: its targets, which of them a shard has, and what is secret in any of them."""

from __future__ import annotations

import contextlib
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pollspec.errors import UsageError
from pollspec.masks import Masks
from pollspec.trial.target import is_plain
from pollspec.trial.wire.fleetfile import fleet
from pollspec.trial.wire.kinds import From, source_of
from pollspec.trial.wire.mistakes import checked
from pollspec.trial.wire.sources import NoSecret
from pollspec.trial.wire.tomlfile import TomlFile

Item = TypeVar("Item")
OPEN = ("username", "client_id", "name", "scope", "token_url", "client_auth", "verify", "login")
"""Entries about who asks that are no secret."""


@dataclass(frozen=True)
class Member:
    """One target of a fleet. `file`: its target file (`FILE#NAME`); `insecure`: its certificate is not checked."""

    name: str
    file: str
    url: str
    host: str
    insecure: bool


def members(path: str) -> list[Member]:
    """The targets of a fleet file, in its order; TargetFileError for an entry that is wrong in any of them."""
    found = []
    for name, file in fleet(path).targets.items():
        entries = checked(file)
        host = urllib.parse.urlsplit(entries.base_url).hostname or ""
        found.append(Member(name, f"{path}#{name}", entries.base_url, host, entries.verify is False))
    return found


def shard(items: Sequence[Item], wanted: str | None) -> list[Item]:
    """The part of some things that a shard (`2/5`) has: every fifth, from the second on. All, where none is wanted."""
    if wanted is None:
        return list(items)
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", wanted)
    number, many = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= many:
        raise UsageError(f"--shard {wanted!r}: expected NUMBER/OF, both from 1 on", "--shard 2/5")
    return [item for place, item in enumerate(items) if place % many == number - 1]


def secrets(path: str) -> Masks:
    """Every secret that the fleet file, the environment and files hold for any target. No command is run."""
    masks = Masks()
    for name, file in fleet(path).targets.items():
        for value in _secrets(file):
            masks.add(value, f"secret of {name}")
    return masks


def _secrets(file: TomlFile) -> Iterator[str]:
    content = file.content
    headers = [inner for name, inner in content.get("headers", {}).items() if not is_plain(name)]
    asked = [headers, content.get("credentials"), content.get("cert", {}).get("password")]
    told = [content.get(entry) for entry in ("subjects", "known", "bodies", "crossing", "malformed")]
    yield from (text for node in asked for text in _texts(file, node, plain=True))
    yield from (text for node in told for text in _texts(file, node, plain=False))


def _texts(file: TomlFile, node: Any, plain: bool) -> Iterator[str]:
    """The texts that some entries name a source of, and with `plain` those that stand there, if they are secret."""
    if isinstance(node, str):
        yield from [node] if plain else []
    elif kind := source_of(node):
        if kind != "command":
            with contextlib.suppress(NoSecret):
                yield file.source(From.model_validate(node))()
    else:
        several = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for name, inner in several:
            if name not in OPEN:
                yield from _texts(file, inner, plain)
