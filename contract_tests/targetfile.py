"""The target file (TOML): where a server is, and what may be asked of it. Unknown entries are errors."""

from __future__ import annotations

import pathlib
import tomllib
import urllib.parse
from typing import Any

from packaging.version import InvalidVersion, Version

from .errors import TargetFileError, UsageError, nearest
from .grammar import expressions
from .masks import Masks
from .target import Given, Polls, Settings
from .vendor import Vendor
from .wire.entries import FLAG, NUMBER, TABLE, TEXT, WHOLE, Entries, Kinds
from .wire.limits import Limits
from .wire.logins import Logins
from .wire.urls import check_url

ENTRIES: Kinds = {
    "base_url": TEXT, "base_path": TEXT, "product_version": TEXT, "allow_writes": FLAG, "try_wrong_logins": FLAG,
    "verify": (bool, str), "cert": TABLE, "headers": TABLE, "credentials": TABLE, "subjects": TABLE, "bodies": TABLE,
    "polls": TABLE, "limits": TABLE,
}  # fmt: skip
POLLS: Kinds = {"interval": NUMBER, "at_most": NUMBER, "after_end": WHOLE}
LIMITS: Kinds = {
    "timeout": NUMBER, "size": WHOLE, "values": WHOLE, "requests": WHOLE, "rate": NUMBER, "memory": WHOLE,
    "time": NUMBER, "pause": NUMBER, "patience": NUMBER,
}  # fmt: skip


def read(path: str, vendor: Vendor) -> tuple[str, Settings, Masks]:
    """The base URL, the settings, and the secrets they hold."""
    try:
        content = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise TargetFileError(
            f"{path} cannot be read: {error.strerror}", f"pollspec init {vendor.slug} > {path}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetFileError(f"{path} is no TOML: {error}", "mend the line and run again") from None
    return _File(Entries(path, content), vendor).settings()


def is_insecure(path: str) -> bool:
    """Whether a target file, if it can be read, accepts any certificate."""
    try:
        content = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return content.get("verify") is False


def product_version(text: str) -> Version:
    """A product's version; UsageError for a text that is none."""
    try:
        return Version(text)
    except InvalidVersion:
        raise UsageError(f"{text!r} is no version: expected numbers and dots", "for example 9.15.1") from None


class _File:
    def __init__(self, entries: Entries, vendor: Vendor) -> None:
        self.entries, self.content, self.vendor, self.masks = entries, entries.content, vendor, Masks()

    def settings(self) -> tuple[str, Settings, Masks]:
        self.entries.check("", self.content, ENTRIES)
        if "base_url" not in self.content:
            raise self.entries.error("base_url is missing", 'base_url = "https://host"')
        polls, limits = self.entries.table("polls", POLLS), self.entries.table("limits", LIMITS)
        url = self._url()
        logins = Logins(self.entries, self.vendor, url)
        settings = Settings(
            credentials=logins.credentials(),
            renewals=logins.renewals(),
            headers=logins.headers(),
            tls=logins.tls,
            subjects=self._subjects(),
            bodies=self._bodies(),
            base_path=self.content.get("base_path", urllib.parse.urlsplit(url).path or None),
            allow_writes=self.content.get("allow_writes", False),
            try_wrong_logins=self.content.get("try_wrong_logins", True),
            polls=Polls(polls.get("interval"), polls.get("at_most"), polls.get("after_end", Polls.after_end)),
            limits=Limits(**limits),
            product_version=self._version(),
        )
        return url, settings, self.masks

    def _url(self) -> str:
        try:
            return check_url(self.content["base_url"])
        except TargetFileError as error:
            raise self.entries.error(f"base_url: {error.args[0]}", error.hint) from None

    def _version(self) -> Version | None:
        text = self.content.get("product_version")
        try:
            return None if text is None else product_version(text)
        except UsageError as error:
            raise self.entries.error(f"product_version: {error.args[0]}", 'product_version = "9.15.1"') from None

    def _subjects(self) -> dict[str, list[Given]]:
        found = {}
        for name, value in self.content.get("subjects", {}).items():
            if name not in self.vendor.subjects:
                raise self.entries.error(f"unknown subject {name!r}", nearest(name, self.vendor.subjects))
            several = value if isinstance(value, list) else [value]
            found[name] = [self._given(name, one) for one in several]
        return found

    def _given(self, name: str, value: Any) -> Given:
        """An identifier, by the document's parameters: a text for the only one, or a table of them."""
        wanted = {expressions.parse(text).name: text for text in self.vendor.subjects[name].given}
        headers = {text for texts in self.vendor.credentials.values() for text in texts}
        if isinstance(value, dict) and set(value) <= {"command"} and value:
            value = self.entries.secret(f"subjects.{name}", value)
        needed = [short for short, text in wanted.items() if text not in headers]
        if isinstance(value, bool) and value and not needed:
            return {}
        if isinstance(value, str | int) and not isinstance(value, bool) and len(needed) == 1:
            return {wanted[needed[0]]: value}
        if isinstance(value, dict) and set(value) == set(needed):
            return {wanted[short]: inner for short, inner in value.items()}
        example = "true" if not needed else "{ " + ", ".join(f'{short} = "..."' for short in needed) + " }"
        raise self.entries.error(f"subjects.{name} is {value!r}, expected {example}", f"{name} = {example}")

    def _bodies(self) -> dict[str, Any]:
        found = {}
        known = {name for name, operation in self.vendor.operations.items() if operation.bodies}
        for name, body in self.content.get("bodies", {}).items():
            if name not in known:
                raise self.entries.error(f"unknown operation {name!r} under bodies", nearest(name, known))
            if body:
                found[name] = {field: self._field(name, field, value) for field, value in body.items()}
        return found

    def _field(self, operation: str, field: str, value: Any) -> Any:
        sourced = self.entries.is_sourced(value)
        text = self.entries.secret(f"bodies.{operation}.{field}", value) if sourced else value
        if sourced or f"$request.body#/{field}" in self._secret_fields():
            self.masks.add(str(text), field)
        return text

    def _secret_fields(self) -> set[str]:
        return {belief.says["field"] for belief in self.vendor.beliefs if belief.keyword == "keeps-secret"}
