"""A client, held to what a document asks of whoever polls."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from pollspec import spec
from pollspec.cli.group import VENDOR, main
from pollspec.cli.options import BASELINE, ONLY, REPORTS
from pollspec.loading import LOADING


@main.command()
@VENDOR
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--interval",
    type=click.FloatRange(min=0.01),
    help="Seconds between polls that the client is told; its deadlines grow with it (0.2).",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=max(4, os.cpu_count() or 1), help="Trials side by side.")
@ONLY
@click.option("--strict", is_flag=True, help="A broken should fails as well.")
@click.option("--require", multiple=True, metavar="LEVEL|ID", help="What is not tried fails: must, should, all, ids.")
@BASELINE
@REPORTS
def grade(vendor: str, command: tuple[str, ...], **options: Any) -> None:
    """Grade a client: `pollspec grade VENDOR -- COMMAND...` runs COMMAND against polite servers with baits.

    COMMAND waits for one operation, or starts one and waits for it, as its environment tells (docs/grading.md): exit
    code 0 where it has succeeded, 1 where it has failed, another (75, say) where it is not known. Exit codes of grade
    as for test.
    """
    with LOADING:
        from rich.console import Console

        from pollspec.grading.grade import grade as graded

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    raise SystemExit(graded(vendor, command, options, console))


@main.command()
@click.argument("vendors", nargs=-1)
def requirements(vendors: tuple[str, ...]) -> None:
    """Print what is asked of the clients of VENDORS (all known ones) in Markdown: each requirement, and its bait."""
    with LOADING:
        from pollspec.grading.listing import page

    click.echo(page(list(vendors) or spec.names()), nl=False)
