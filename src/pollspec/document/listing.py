"""`pollspec beliefs`: what is believed of each vendor and why, with oddities and untestable sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pollspec.document.loader import load


def as_data(vendors: Sequence[str]) -> list[dict[str, Any]]:
    """Everything that is listed, as data."""
    listed = []
    for name in vendors:
        view = load(name)
        listed.append(
            {
                "vendor": view.slug,
                "page": dict(view.document.content["info"].get("x-page", {})),
                "beliefs": [
                    {"id": b.id, "claim": b.claim, "grade": b.grade, "words": b.words, "where": b.where}
                    for b in view.beliefs
                ],
                "oddities": list(view.contract.get("oddities", ())),
                "untestable": list(view.contract.get("untestable", ())),
            }
        )
    return listed


def as_json(vendors: Sequence[str]) -> str:
    """The same as JSON, with every control character escaped."""
    text = json.dumps(as_data(vendors), indent=2, ensure_ascii=False)
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def as_text(vendors: Sequence[str]) -> str:
    """The same as text."""
    lines = []
    for vendor in as_data(vendors):
        lines += [f"{vendor['vendor']}: {vendor['page'].get('title', '')}", ""]
        for belief in vendor["beliefs"]:
            lines += [f"  {belief['id']}  ({belief['where']})", f"      {belief['claim']}"]
            lines.append(f"      {belief['grade']}: {' '.join(belief['words'].split())}")
        lines += ["", f"  oddities of the page: {len(vendor['oddities'])}"]
        for oddity in vendor["oddities"]:
            lines += [
                f"    says   {' '.join(oddity['says'].split())}",
                f"    but    {oddity['but']}",
                f"    taken  {oddity['taken']}",
            ]
        lines += ["", f"  untestable: {len(vendor['untestable'])}"]
        lines += [f"    {' '.join(entry['source'].split())}: {entry['reason']}" for entry in vendor["untestable"]]
        lines.append("")
    return "\n".join(lines)
