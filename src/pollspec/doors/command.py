"""What was typed to begin a trial, and what to type to begin it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from pollspec.document.vendor import Vendor
from pollspec.trial.destination import Destination
from pollspec.trial.selection import EXAMPLES, Plan


@dataclass(frozen=True)
class Typed:
    """`vendors`: names, or paths of documents; all known ones where there is none."""

    vendors: tuple[str, ...] = ()
    where: Destination = field(default_factory=Destination)
    plan: Plan = field(default_factory=Plan)

    def command(self, vendor: Vendor) -> str:
        """What to type to test this vendor at this target again."""
        where, words = self.where, ["pollspec", "test", vendor.document.typed]
        words += [where.url] if where.url else []
        words += ["--target", where.file] if where.file else []
        for flag in ("allow_writes", "insecure", "no_wrong_logins"):
            words += [f"--{flag.replace('_', '-')}"] if getattr(where, flag) else []
        words += [word for text in where.headers for word in ("--header", text)]
        words += ["--product-version", where.product_version] if where.product_version else []
        words += ["--interval", f"{where.interval:g}"] if where.interval else []
        words += ["--wrong-logins", str(where.wrong_logins)] if where.wrong_logins is not None else []
        words += ["--max-examples", str(self.plan.examples)] if self.plan.examples != EXAMPLES else []
        return shlex.join(words)
