"""The target file (TOML): where a server is, what may be asked of it, what it is known to show."""

from __future__ import annotations

import shlex
import urllib.parse
from typing import Any

from pollspec.document.vendor import Vendor
from pollspec.errors import TargetFileError
from pollspec.masks import Masks
from pollspec.trial.fleet import secrets
from pollspec.trial.identifiers import Identifiers, token
from pollspec.trial.settings import Body, Claimant, Polls, Settings
from pollspec.trial.wire.entries import product_version as product_version
from pollspec.trial.wire.fleetfile import opened, outline
from pollspec.trial.wire.kinds import From
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.logins import Logins
from pollspec.trial.wire.mistakes import checked
from pollspec.trial.wire.tomlfile import Place, TomlFile
from pollspec.trial.wire.urls import check_url

EVERY = 1.0
"""Seconds between polls where a document has no lifecycle."""


def read(path: str, vendor: Vendor) -> tuple[str, Settings, Masks]:
    """The base URL, the settings, and the secrets they hold; for a target of a fleet, those of the others as well."""
    file = opened(path, f"pollspec init {shlex.quote(vendor.document.typed)} > {shlex.quote(path)}")
    url, settings, masks = _Reading(file, vendor).result()
    if file.path != path:
        masks.include(secrets(file.path))
    return url, settings, masks


def outlined(file: TomlFile, vendor: Vendor) -> Settings:
    """The settings of a file of which no source and no other file is read: UNREAD stands for what would come of it."""
    return _Reading(outline(file), vendor).result()[1]


def is_insecure(path: str) -> bool:
    """Whether a target file, if it can be read, accepts any certificate."""
    try:
        return opened(path, "").content.get("verify") is False
    except TargetFileError:
        return False


class _Reading:
    """From the entries of a file to settings, by what the vendor's document knows."""

    def __init__(self, file: TomlFile, vendor: Vendor) -> None:
        self.file, self.vendor, self.entries, self.masks = file, vendor, checked(file), Masks()

    def result(self) -> tuple[str, Settings, Masks]:
        """The base URL, the settings, and the secrets they hold."""
        file, logins = self.file, Logins(self.file, self.entries, self.vendor)
        entries, url = self.entries, check_url(self.entries.base_url)
        every = min((lifecycle.every for lifecycle in self.vendor.lifecycles.values()), default=EVERY)
        polls = entries.polls
        known = Identifiers(self.file, entries, self.vendor, logins.kinds)
        subjects = known.subjects()
        settings = Settings(
            credentials=logins.credentials,
            kinds=logins.kinds,
            renewals=logins.renewals,
            headers=logins.headers(),
            tls=logins.tls,
            subjects={name: [given for given, _ in several] for name, several in subjects.items()},
            logins={name: [login for _, login in several] for name, several in subjects.items()},
            known=known.known(),
            places={name: file.where(("subjects", name)) for name in subjects} | logins.places,
            crossing=known.varied("crossing", entries.crossing),
            malformed=known.varied("malformed", entries.malformed),
            bodies=self._bodies(),
            base_path=urllib.parse.urlsplit(url).path or None if entries.base_path is None else entries.base_path,
            allow_writes=entries.allow_writes,
            try_wrong_logins=entries.try_wrong_logins,
            polls=Polls(polls.interval, polls.at_most, polls.after_end, polls.lasts).paced(every),
            limits=Limits(**entries.limits.model_dump()),
            product_version=product_version(entries.product_version) if entries.product_version else None,
            claimant=Claimant(entries.claim.claimant, entries.claim.product, entries.claim.artifact or ""),
        )
        return url, settings, self.masks

    def _bodies(self) -> dict[str, list[Body]]:
        """Operation -> the bodies that may start something."""
        known = [name for name, operation in self.vendor.operations.items() if operation.bodies]
        found: dict[str, list[Body]] = {}
        for operation, several in self.entries.bodies.items():
            self.file.among(("bodies", operation), operation, known)
            plain = isinstance(self.file.content["bodies"][operation], dict)
            for number, one in enumerate(several):
                place: Place = ("bodies", operation) if plain else ("bodies", operation, number)
                if one.leads_to is not None:
                    self.file.among((*place, "leads_to"), one.leads_to, self.vendor.subjects)
                content = self._content(place if plain else (*place, "body"), one.body, "")
                found.setdefault(operation, []).append(Body(content, one.leads_to))
        return found

    def _content(self, place: Place, value: Any, pointer: str) -> Any:
        """A body as it is sent; what comes from elsewhere, or must never come back, is a secret."""
        if isinstance(value, dict):
            return {name: self._content((*place, name), one, pointer + token(name)) for name, one in value.items()}
        if isinstance(value, list):
            return [self._content((*place, index), one, f"{pointer}/{index}") for index, one in enumerate(value)]
        said = self.file.plain(place, value)
        if isinstance(value, From) or f"$request.body#{pointer}" in self._secret_fields():
            self.masks.add(str(said), str(place[-1]))
        return said

    def _secret_fields(self) -> set[str]:
        return {text for operation in self.vendor.operations for text in self.vendor.secrets(operation)}
