"""A server or its traffic, held to a document; and what stands before and after that."""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING, Any

import click

from pollspec.cli.group import VENDOR, main
from pollspec.cli.options import (
    BASE_PATH,
    CLAIM,
    FLEET,
    INSECURE,
    LIVE,
    METRICS,
    PRODUCT_VERSION,
    REPORT,
    REPORTS,
    TARGET,
    TRIAL,
    WORKERS,
)
from pollspec.errors import UsageError
from pollspec.loading import LOADING

if TYPE_CHECKING:
    from rich.console import Console


def _console() -> Console:
    with LOADING:
        from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


@main.command()
@VENDOR
def init(vendor: str) -> None:
    """Print a target file for VENDOR, with a comment on every line."""
    with LOADING:
        from pollspec.trial.init import target_file

    click.echo(target_file(vendor), nl=False)


@main.command()
@click.argument("vendor", required=False)
@click.argument("url", required=False)
@TRIAL
@CLAIM
@FLEET
def test(vendor: str | None, url: str | None, **options: Any) -> None:
    """Hold a server to VENDOR's document: the one at URL, the one of a target file, or an embedded polite one.

    With --targets: all those of a fleet file, in one report. --rate, --max-requests and --max-time are each target's.

    Without VENDOR: all five, each against its embedded polite server, with no network and on a virtual clock.

    Exit codes: 0 all kept; 1 something is broken; 2 usage, or nothing was tried; 3 could not run; 130 interrupted.
    """
    alone = options["targets"] is None
    if alone and (lost := [name for name in ("shard", "scheduler", "at_once") if options[name] is not None]):
        raise UsageError(f"--{lost[0].replace('_', '-')} is for a fleet", "pollspec test VENDOR --targets FILE")
    with LOADING:
        from pollspec.doors import run
        from pollspec.doors.fleet import fleet

    raise SystemExit((run if alone else fleet).run(vendor, url, options, _console()))


@main.command()
@VENDOR
@click.argument("captures", metavar="CAPTURE...", nargs=-1, required=True)
@BASE_PATH
@TARGET
@PRODUCT_VERSION
@WORKERS
@REPORT
def judge(vendor: str, captures: tuple[str, ...], **options: Any) -> None:
    """Judge recorded traffic: each CAPTURE is a HAR, as browsers and recording proxies write it, JSON Lines with a HAR
    entry a line, one of these packed with gzip or zstd, a folder of such files, or standard input (-).

    No request is sent. Entries are VENDOR's by method and path, whatever the host. Where a target file is given, its
    credentials and subjects are recognised in the capture; otherwise what a request was signed with is not known, and
    what would need it is not tried. Exit codes as for test.
    """
    with LOADING:
        from pollspec.doors.captures import judging

    raise SystemExit(judging.judge(vendor, captures, options, _console()))


@main.command()
@VENDOR
@click.option("--upstream", metavar="URL", help="The server that everything is passed on to (the target file's).")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (a free one).")
@click.option("--fault", metavar="NAME", help="Misbehave towards the client (pollspec faults lists how).")
@BASE_PATH
@TARGET
@INSECURE
@PRODUCT_VERSION
@METRICS
@REPORT
def proxy(vendor: str, upstream: str | None, port: int, **options: Any) -> None:
    """Stand between a client and a server: pass everything on, tell findings as they happen, report at the end.

    Serves on loopback until Ctrl-C or SIGTERM. What passes is not changed, and VENDOR's operations in it are judged. A
    target file says where the server is and whom to trust, and names the credentials and subjects that are recognised;
    none is added to a request. Exit codes as for test.
    """
    with LOADING:
        from pollspec.doors.proxy import serving

    raise SystemExit(serving.serve(vendor, upstream, port, options, _console()))


@main.command()
@VENDOR
@click.argument("url", required=False)
@click.option(
    "--subject",
    multiple=True,
    metavar="NAME=VALUE",
    help="What identifies the operation: a parameter's value, or the name of a known subject; repeatable.",
)
@LIVE
@click.option("--at-most", type=click.FloatRange(min=0.1), help="Seconds to watch at most (the document's).")
@METRICS
@REPORT
def watch(vendor: str, url: str | None, **options: Any) -> None:
    """Watch one running operation to its end, with GET only: its state, how far it is, and what it breaks.

    Polls as VENDOR's document and Retry-After say. Exit codes as for test.
    """
    with LOADING:
        from rich.console import Console

    with LOADING:
        from pollspec.doors.watch import watch as watching

    aside = Console(stderr=True, highlight=False)
    raise SystemExit(watching.watch(vendor, url, options, _console(), aside))


@main.command()
@click.argument("report")
def baseline(report: str) -> None:
    """Print a file of known failures from REPORT, which `pollspec test --report json=FILE` wrote."""
    with LOADING:
        from pollspec.reports.baseline import written
        from pollspec.reports.json import read

    click.echo(written(read(report), datetime.date.today()), nl=False)


@main.group()
def report() -> None:
    """Do something with reports that were written before."""


@report.command()
@click.argument("reports", nargs=-1, required=True, metavar="REPORT.json...")
@REPORTS
def merge(reports: tuple[str, ...], report: tuple[str, ...]) -> None:
    """Join REPORTS, which `pollspec test --report json=FILE` wrote, into one: of several targets, or of all shards.

    Exit codes as for test: those of one run at all the targets.
    """
    with LOADING:
        from pollspec.reports.joint import merge as join

    raise SystemExit(join(reports, report, _console()))


@main.group()
def claim() -> None:
    """Look at a claim, which `pollspec test VENDOR --claim FILE` wrote."""


@claim.command("check")
@click.argument("path", metavar="CLAIM.json")
@click.option("--document", metavar="PATH", help="The document of today, where it is one's own.")
@click.option("--old", metavar="PATH", help="The document of the claim, to tell what has changed since.")
def check_claim(path: str, document: str | None, old: str | None) -> None:
    """Check that a claim is one, holds together, and is about the document of today; tell what has changed since.

    Exit code 0 if so, and its result is not FAILED; 1 if not; 2 if the file is no claim.
    """
    with LOADING:
        from pollspec.reports.claimcheck import check

    told, code = check(path, document, old)
    click.echo(told)
    raise SystemExit(code)
