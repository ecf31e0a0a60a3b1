"""The command line: verbs in the order of the pipeline."""

from __future__ import annotations

import datetime
import os
import pathlib
import sys
from typing import TYPE_CHECKING, Any

import click

from pollspec import boundary, generated, spec
from pollspec.errors import DocumentError
from pollspec.loading import LOADING
from pollspec.options import BASE_PATH, INSECURE, LIVE, PRODUCT_VERSION, REPORT, TARGET, TRIAL

if TYPE_CHECKING:
    from rich.console import Console

VENDOR = click.argument("vendor")


@click.group(cls=boundary.Group, context_settings={"help_option_names": ["-h", "--help"], "color": True})
@click.version_option(package_name="pollspec", prog_name="pollspec")
def main() -> None:
    """Hold any server to what five vendors document about their progress endpoints.

    VENDOR is a known name (pollspec beliefs lists them) or the path of a document of your own.
    """


@main.command()
@click.argument("vendors", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; print the difference and exit 1 if there is one.")
@click.option("--output", type=click.Path(path_type=pathlib.Path), help="The folder to write to (the package's own).")
def generate(vendors: tuple[str, ...], check: bool, output: pathlib.Path | None) -> None:
    """Write the typed models of VENDORS (all known ones)."""
    with LOADING:
        from pollspec.document import models as generator

    folder = output or pathlib.Path(str(generated.__file__)).parent
    made = generator.modules(list(vendors) or spec.names())
    if check:
        lines = generator.differences(made, folder)
        click.echo("\n".join(lines) or f"{len(made)} modules are as generated")
        raise SystemExit(1 if lines else 0)
    changed = generator.write(made, folder)
    click.echo(f"{folder}: {', '.join(changed) or 'nothing'} changed of {len(made)} modules")


@main.command()
@VENDOR
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (a free one).")
@click.option(
    "--duration", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="Seconds an operation takes."
)
@click.option("--polls", type=click.IntRange(min=1), help="Polls an operation takes, instead of seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print the address and the test cards as JSON.")
@click.option("--fault", metavar="NAME", help="Do one thing wrong (pollspec faults lists what).")
def mock(vendor: str, port: int, duration: float, polls: int | None, as_json: bool, fault: str | None) -> None:
    """Serve the polite server of VENDOR on loopback, or an impolite one."""
    with LOADING:
        from pollspec.servers.serving import serve

    serve(vendor, port, duration, polls, as_json, fault)


@main.command()
@click.argument("vendors", nargs=-1)
def cards(vendors: tuple[str, ...]) -> None:
    """Print the test cards of the polite servers of VENDORS (all known ones) in Markdown."""
    with LOADING:
        from pollspec.servers.cards import page

    click.echo(page(list(vendors) or spec.names()), nl=False)


@main.command()
@VENDOR
def faults(vendor: str) -> None:
    """List the faults that VENDOR's document gives: what a server does wrong, and the belief that it breaks."""
    with LOADING:
        from pollspec.document.reading import load
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
    has no fault.
    """
    with LOADING:
        from pollspec.proof.proving import proving

    raise SystemExit(proving(list(vendors) or spec.names(), **options))


def _console() -> Console:
    with LOADING:
        from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


@main.command()
@click.argument("vendor", required=False)
@click.argument("url", required=False)
@TRIAL
def test(vendor: str | None, url: str | None, **options: Any) -> None:
    """Hold a server to VENDOR's document: the one at URL, the one of a target file, or an embedded polite one.

    Without VENDOR: all five, each against its embedded polite server, with no network and on a virtual clock.

    Exit codes: 0 all kept; 1 something is broken; 2 usage, or nothing was tried; 3 could not run; 130 interrupted.
    """
    with LOADING:
        from pollspec.doors.run import run

    raise SystemExit(run(vendor, url, options, _console()))


@main.command()
@VENDOR
@click.argument("capture")
@BASE_PATH
@TARGET
@PRODUCT_VERSION
@REPORT
def judge(vendor: str, capture: str, **options: Any) -> None:
    """Judge recorded traffic: CAPTURE is a HAR file, as browsers and recording proxies write it (-: standard input).

    No request is sent. Entries are VENDOR's by method and path, whatever the host. Where a target file is given, its
    credentials and subjects are recognised in the capture; otherwise what a request was signed with is not known, and
    what would need it is not tried. Exit codes as for test.
    """
    with LOADING:
        from pollspec.doors import captured

    raise SystemExit(captured.judge(vendor, capture, options, _console()))


@main.command()
@VENDOR
@click.option("--upstream", metavar="URL", help="The server that everything is passed on to (the target file's).")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (a free one).")
@click.option("--fault", metavar="NAME", help="Misbehave towards the client (pollspec faults lists how).")
@BASE_PATH
@TARGET
@INSECURE
@PRODUCT_VERSION
@REPORT
def proxy(vendor: str, upstream: str | None, port: int, **options: Any) -> None:
    """Stand between a client and a server: pass everything on, tell findings as they happen, report at the end.

    Serves on loopback until Ctrl-C or SIGTERM. What passes is not changed, and VENDOR's operations in it are judged. A
    target file says where the server is and whom to trust, and names the credentials and subjects that are recognised;
    none is added to a request. Exit codes as for test.
    """
    with LOADING:
        from pollspec.doors import passing

    raise SystemExit(passing.serve(vendor, upstream, port, options, _console()))


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
@REPORT
def watch(vendor: str, url: str | None, **options: Any) -> None:
    """Watch one running operation to its end, with GET only: its state, how far it is, and what it breaks.

    Polls as VENDOR's document and Retry-After say. Exit codes as for test.
    """
    with LOADING:
        from rich.console import Console

    with LOADING:
        from pollspec.doors import watch as watching

    aside = Console(stderr=True, highlight=False)
    raise SystemExit(watching.watch(vendor, url, options, _console(), aside))


@main.command()
@VENDOR
def init(vendor: str) -> None:
    """Print a target file for VENDOR, with a comment on every line."""
    with LOADING:
        from pollspec.trial.init import target_file

    click.echo(target_file(vendor), nl=False)


@main.command()
@click.argument("documents", nargs=-1)
def lint(documents: tuple[str, ...]) -> None:
    """Check DOCUMENTS (all known ones) for what validators of OpenAPI miss, and for the grammar of x-contract."""
    with LOADING:
        from pollspec.document.lint import problems

    for name in documents:
        if name not in spec.names() and not pathlib.Path(name).is_file():
            raise DocumentError(f"there is no file {name}", "give the path of an OpenAPI 3.1 document in YAML")
    found = [problem for name in documents or spec.names() for problem in problems(name)]
    for problem in found:
        click.echo(problem)
    click.echo(f"{len(documents or spec.names())} documents, {len(found)} problems")
    raise SystemExit(1 if found else 0)


@main.command()
@click.argument("report")
def baseline(report: str) -> None:
    """Print a file of known failures from REPORT, which `pollspec test --report json=FILE` wrote."""
    with LOADING:
        from pollspec.reports.baseline import written
        from pollspec.reports.json import read

    click.echo(written(read(report), datetime.date.today()), nl=False)


@main.command()
@click.argument("belief", metavar="ID")
@click.argument("document", required=False)
def explain(belief: str, document: str | None) -> None:
    """Explain the belief ID: its claim, the sentence, where that stands, how it is tried.

    The beginning of an id explains each belief under it. For a document of your own give its path as DOCUMENT.
    """
    with LOADING:
        from pollspec.reports.explain import explain as text

    click.echo(text(belief, document), nl=False)


@main.command()
@click.argument("vendors", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def beliefs(vendors: tuple[str, ...], as_json: bool) -> None:
    """List what is believed of VENDORS (all known ones), with the pages' oddities and untestable sentences."""
    with LOADING:
        from pollspec.document import listing

    names = list(vendors) or spec.names()
    click.echo(listing.as_json(names) if as_json else listing.as_text(names))
