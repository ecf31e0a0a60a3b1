"""Servers that documents give: polite, impolite, and the proof that each fault is caught."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import click

from pollspec import spec
from pollspec.cli.group import VENDOR, main
from pollspec.loading import LOADING


@main.command()
@VENDOR
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (a free one).")
@click.option(
    "--duration", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="Seconds an operation takes."
)
@click.option("--polls", type=click.IntRange(min=1), help="Polls an operation takes, instead of seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print the address and the test cards as JSON.")
@click.option("--fault", metavar="NAME", help="Do one thing wrong (pollspec faults lists what).")
@click.option(
    "--scenario",
    metavar="NAME|FILE",
    help="Play quick, slow, fails, cancelled, pauses, stalls, flaky, or what a file says.",
)
@click.option("--anyone", metavar="SUBJECT", help="An identifier that nobody knows plays this subject.")
@click.option(
    "--card", "cards", multiple=True, metavar="SUBJECT=PARAMETER=VALUE", help="An identifier of yours; repeatable."
)
def mock(vendor: str, **options: Any) -> None:
    """Serve the polite server of VENDOR on loopback, or an impolite one.

    A test holds it and moves it on by POST /.pollspec/hold and /.pollspec/move-on (docs/scenarios.md).
    """
    with LOADING:
        from pollspec.servers.serving import serve

    serve(vendor, **options)


@main.command()
@click.argument("vendors", nargs=-1)
def cards(vendors: tuple[str, ...]) -> None:
    """Print the test cards of the polite servers of VENDORS (all known ones) in Markdown."""
    with LOADING:
        from pollspec.servers.testcards import page

    click.echo(page(list(vendors) or spec.names()), nl=False)


@main.command()
@VENDOR
def faults(vendor: str) -> None:
    """List the faults that VENDOR's document gives: what a server does wrong, and the belief that it breaks."""
    with LOADING:
        from pollspec.document.loader import load
        from pollspec.servers.faults import derive

    for fault in derive(load(vendor)):
        click.echo(f"{fault.id:<86} {fault.does}")


@main.command()
@click.argument("vendors", nargs=-1)
@click.option("--second-reading", metavar="FOLDER", help="Servers written from the pages alone, with their misdeeds.")
@click.option("--page", type=click.Path(path_type=pathlib.Path), help="Write the matrix to this Markdown file.")
@click.option(
    "--readme", type=click.Path(path_type=pathlib.Path), help="Write the numbers between the marks of this file."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the pages differ from what would be written.")
@click.option("--seed", default=1, show_default=True, help="Of the made-up requests.")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True, help="Processes.")
def prove(vendors: tuple[str, ...], **options: Any) -> None:
    """Run every fault and every legal variation of VENDORS (all known ones), and say what is not proved.

    Exit code 1 if a fault is missed by the belief that it breaks, if a legal variation raises a finding, or if a belief
    has no fault. What many runs have in common is told once.
    """
    with LOADING:
        from pollspec.proof.proving import proving

    raise SystemExit(proving(list(vendors) or spec.names(), **options))
