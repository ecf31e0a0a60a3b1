"""What follows from documents, written down: their typed models and their pollers. The only writer into the tree."""

from __future__ import annotations

import difflib
import pathlib
from collections.abc import Mapping

from pollspec import spec
from pollspec.document import models, pollers
from pollspec.document.loader import load
from pollspec.errors import UsageError

INIT = {
    "__init__.py": '"""The typed models of each vendor, made by `pollspec generate`. Nobody edits them."""\n',
    "pollers/__init__.py": '"""The pollers of each vendor, made by `pollspec generate`. Nobody edits them."""\n',
}


def modules(vendors: list[str]) -> dict[str, str]:
    """The text of each module, by its path in the folder; each __init__.py only where all known vendors are asked for.

    A document without lifecycles has no poller.
    """
    made: dict[str, str] = {}
    for name in vendors:
        vendor = load(name)
        if not vendor.slug.isidentifier() or f"pollers/{vendor.slug}.py" in pollers.runtime():
            raise UsageError(
                f"no module can be called {vendor.slug}", "give the document's file another name: my_api.yaml"
            )
        made[f"{vendor.slug}.py"] = text = models.text(name)
        if vendor.lifecycles:
            made |= {f"pollers/{vendor.slug}.py": pollers.text(vendor, text), **pollers.runtime()}
    return made | (INIT if set(vendors) >= set(spec.names()) else {})


def remarks(vendors: list[str], made: Mapping[str, str]) -> list[str]:
    """What has no class of its own in the modules of documents, a line each; nothing of the known ones."""
    lines = []
    for name in sorted(set(vendors) - set(spec.names())):
        vendor = load(name)
        if missing := models.untold(vendor, made[f"{vendor.slug}.py"]):
            lines.append(f"{vendor.slug}: written out where they are used, without a class: {', '.join(missing)}")
    return lines


def write(made: dict[str, str], folder: pathlib.Path) -> list[str]:
    """Write the modules; the names of those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = [
        name
        for name, text in made.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]
    for name in changed:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(made[name], encoding="utf-8")
    return changed


def differences(made: dict[str, str], folder: pathlib.Path) -> list[str]:
    """What `write` would change, as the lines of a unified diff; it writes nothing."""
    lines: list[str] = []
    for name, text in made.items():
        there = (folder / name).read_text(encoding="utf-8") if (folder / name).is_file() else ""
        lines += difflib.unified_diff(
            there.splitlines(), text.splitlines(), f"{name} (as it is)", f"{name} (generated)", lineterm=""
        )
    return lines
