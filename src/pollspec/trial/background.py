"""What is known of traffic beforehand: a target file's credentials and subjects, the product's version."""

from __future__ import annotations

from dataclasses import dataclass, field

from packaging.version import Version

from pollspec.document.vendor import Vendor
from pollspec.masks import Masks
from pollspec.trial import facts, targetfile
from pollspec.trial.target import Settings
from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.tomlfile import TomlFile


@dataclass(frozen=True)
class Background:
    """`vendor`: with what the file says of identifiers; `settings`: None without a file; `url`: the target's, or ""."""

    vendor: Vendor
    settings: Settings | None = None
    url: str = ""
    masks: Masks = field(default_factory=Masks)
    version: Version | None = None

    @property
    def tls(self) -> Tls:
        """Whom to trust."""
        return self.settings.tls if self.settings else Tls()


def outlined(vendor: Vendor, file: TomlFile) -> Vendor:
    """The document with what a target file says of its data; nothing but the file itself is read."""
    return facts.with_facts(vendor, targetfile.outlined(file, vendor))


def background(vendor: Vendor, file: str | None, version: str | None) -> Background:
    """From what was typed: a target file, which is read once, and a product's version."""
    own = targetfile.product_version(version) if version else None
    if file is None:
        return Background(vendor, version=own)
    url, settings, masks = targetfile.read(file, vendor)
    return Background(facts.with_facts(vendor, settings), settings, url, masks, own or settings.product_version)
