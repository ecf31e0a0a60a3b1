"""What is known of a door's traffic beforehand: a target file's credentials and subjects, the product's version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from .. import targetfile
from ..masks import Masks
from ..target import Settings
from ..vendor import Vendor
from ..wire.connections import Tls
from .recording import Recording


@dataclass(frozen=True)
class Known:
    """`settings`: None where no target file was given; `url`: the target's, or ""."""

    settings: Settings | None
    url: str
    masks: Masks
    version: Version | None

    @property
    def tls(self) -> Tls:
        """Whom to trust."""
        return self.settings.tls if self.settings else Tls()

    def tell(self, recording: Recording) -> None:
        """Have a recording keep these secrets, and be judged by this version."""
        recording.target.masks.include(self.masks)
        recording.target.settings.product_version = self.version


def read_known(vendor: Vendor, options: Mapping[str, Any]) -> Known:
    """From what was typed: `target_file`, `product_version`."""
    file, text = options["target_file"], options["product_version"]
    version = targetfile.product_version(text) if text else None
    if file is None:
        return Known(None, "", Masks(), version)
    url, settings, masks = targetfile.read(file, vendor)
    return Known(settings, url, masks, version or settings.product_version)
