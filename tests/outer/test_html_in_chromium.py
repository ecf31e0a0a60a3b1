"""The HTML report in a real browser: Debian's chromium, headless, with no network.

`POLLSPEC_SCREENSHOTS=DIR` keeps the pictures, to be looked at.
"""

from __future__ import annotations

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from pollspec.reports import files
from tests import ovens

CHROMIUM = shutil.which("chromium") or "chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --enable-logging=stderr --virtual-time-budget=5000 --host-resolver-rules=MAP * ~NOTFOUND"
)
SPOILT = {"good": ovens.good, "everything": ovens.everything, "nasty": ovens.nasty, "leaking": ovens.leaking}

MEASURING = """
<!doctype html><meta charset="utf-8"><title>measuring</title><style>body { margin: 0 }</style>
<iframe width="%(width)d" height="900" style="border: 0" srcdoc="%(page)s"></iframe>
<script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument;
  const root = page.documentElement;
  const own = it => getComputedStyle(it);
  const said = {
    window: page.defaultView.innerWidth, room: root.clientWidth, scroll: root.scrollWidth,
    scripts: page.scripts.length, ran: Boolean(page.defaultView.ran),
    details: page.querySelectorAll("details.belief").length,
    widest: Math.max(0, ...[...page.querySelectorAll("svg.trace")].map(it => it.getBoundingClientRect().width)),
    background: own(page.body).backgroundColor, ink: own(page.body).color,
  };
  %(more)s
  document.body.textContent = "measured" + JSON.stringify(said) + "end";
});
</script>
"""


@dataclass(frozen=True)
class Seen:
    """What the browser measured, and what it wrote to its console."""

    said: dict[str, Any]
    console: list[str]


Browse = Callable[..., Seen]


@pytest.fixture
def browse(tmp_path: pathlib.Path) -> Browse:
    """Opens a page in a window of some width, and measures it from outside: the page itself may run no script."""

    def opened(page: str, width: int = 1200, more: str = "", *flags: str) -> Seen:
        path = tmp_path / "measuring.html"
        path.write_text(MEASURING % {"width": width, "page": html.escape(page), "more": more}, encoding="utf-8")
        done = chromium(tmp_path, "--dump-dom", f"--window-size={max(width, 500)},900", *flags, path.as_uri())
        found = re.search("measured(.*)end", done.stdout)
        assert found, done.stdout[-500:] + done.stderr[-500:]
        console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
        return Seen(json.loads(html.unescape(found[1])), console)

    return opened


def chromium(tmp_path: pathlib.Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the browser once, in a profile of its own."""
    flags = [flag if flag.startswith("--") else f"--{flag}" for flag in FLAGS.removeprefix("--").split(" --")]
    command = [CHROMIUM, *flags, f"--user-data-dir={tmp_path / 'profile'}", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.parametrize("width", [400, 800, 1400])
@pytest.mark.parametrize("name", SPOILT)
def test_the_page_fits_its_window(name: str, width: int, browse: Browse) -> None:
    """No page is wider than its window, down to 400 px, and none writes to the console."""
    seen = browse(files.FORMATS["html"](ovens.report(SPOILT[name])), width)
    assert seen.console == []
    assert seen.said["window"] == width and seen.said["scroll"] == seen.said["room"] <= width
    assert seen.said["details"] == len(ovens.BELIEFS) and 0 < seen.said["widest"] <= seen.said["room"]


def test_nothing_that_a_server_sends_runs(browse: Browse) -> None:
    """Markup in an answer is text; and if a script stood on the page, the page's own policy would not run it."""
    page = files.FORMATS["html"](ovens.report(ovens.nasty))
    assert browse(page).said["scripts"] == 0
    seen = browse(page.replace("</main>", "<script>window.ran = true</script></main>"))
    assert (seen.said["scripts"], seen.said["ran"]) == (1, False)
    assert any("Content Security Policy" in line for line in seen.console)


def test_dark_and_light(browse: Browse) -> None:
    """The page follows the reader's choice, and its text stands out in both."""
    page = files.FORMATS["html"](ovens.report(ovens.everything))
    light, dark = (
        browse(page).said,
        browse(page, 1200, "", "--force-dark-mode", "--blink-settings=preferredColorScheme=0").said,
    )

    def brightness(colour: str) -> float:
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    assert brightness(light["background"]) > 240 > 60 > brightness(light["ink"])
    assert brightness(dark["background"]) < 60 < 200 < brightness(dark["ink"])


FILTER = """
  const shown = () => [...page.querySelectorAll("details.belief")].filter(it => own(it).display != "none").length;
  said.every = shown();
  page.querySelector("#show-told").click(); said.told = shown();
  page.querySelector("#show-failing").click(); said.failing = shown();
"""


def test_the_filter_works_without_a_script(browse: Browse) -> None:
    """All 31 beliefs, the three that are not kept, the two that fail."""
    said = browse(files.FORMATS["html"](ovens.report(ovens.everything)), 1200, FILTER).said
    assert (said["every"], said["told"], said["failing"]) == (len(ovens.BELIEFS), 3, 2)


KEYBOARD = """
  const able = [...page.querySelectorAll("a[href], summary, input, [tabindex='0']")];
  said.unseen = [];
  for (const it of able) {
    it.focus({focusVisible: true});
    const taken = page.activeElement === it && own(it).outlineStyle != "none";
    if (it.checkVisibility() && !taken) said.unseen.push(it.outerHTML.slice(0, 80));
  }
  said.able = able.length;
  const skip = page.querySelector(".skip"); skip.focus();
  said.skip = skip.getBoundingClientRect().left;
"""


def test_the_page_is_read_with_a_keyboard(browse: Browse) -> None:
    """Every link, fold and filter takes the focus and shows it; the skip link comes into sight when it has it."""
    said = browse(files.FORMATS["html"](ovens.report(ovens.everything)), 1200, KEYBOARD).said
    assert said["unseen"] == [] and said["able"] > 60 and said["skip"] >= 0


def test_screenshots(tmp_path: pathlib.Path) -> None:
    """The page can be photographed, in dark and light and narrow; the pictures differ."""
    folder = pathlib.Path(os.environ.get("POLLSPEC_SCREENSHOTS", tmp_path))
    page = files.FORMATS["html"](ovens.report(ovens.everything))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    frame = f'<iframe width="400" height="2400" srcdoc="{html.escape(page)}">'
    (tmp_path / "narrow.html").write_text(f"<!doctype html>{frame}", encoding="utf-8")
    shots = {"light": ("page", "1200"), "dark": ("page", "1200"), "narrow": ("narrow", "500")}
    sizes = set()
    for name, (source, width) in shots.items():
        dark = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if name == "dark" else []
        path = folder / f"{name}.png"
        where = (tmp_path / f"{source}.html").as_uri()
        chromium(tmp_path, f"--screenshot={path}", f"--window-size={width},2400", "--hide-scrollbars", *dark, where)
        assert path.read_bytes().startswith(b"\x89PNG")
        sizes.add(path.stat().st_size)
    assert len(sizes) == 3 and min(sizes) > 50_000
