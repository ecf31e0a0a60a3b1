"""What is done with documents alone: checked, listed, explained; and what follows from them."""

from __future__ import annotations

import pathlib

import click

from pollspec import generated, spec
from pollspec.cli.group import main
from pollspec.errors import DocumentError
from pollspec.loading import LOADING


@main.command()
@click.argument("vendors", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; print the difference and exit 1 if there is one.")
@click.option("--output", type=click.Path(path_type=pathlib.Path), help="The folder to write to (the package's own).")
def generate(vendors: tuple[str, ...], check: bool, output: pathlib.Path | None) -> None:
    """Write the typed models and the pollers of VENDORS (all known ones)."""
    with LOADING:
        from pollspec.document import generator

    folder = output or pathlib.Path(str(generated.__file__)).parent
    made = generator.modules(list(vendors) or spec.names())
    if check:
        lines = generator.differences(made, folder)
        click.echo("\n".join(lines) or f"{len(made)} modules are as generated")
        raise SystemExit(1 if lines else 0)
    for line in generator.remarks(list(vendors), made):
        click.echo(line, err=True)
    changed = generator.write(made, folder)
    click.echo(f"{folder}: {', '.join(changed) or 'nothing'} changed of {len(made)} modules")


@main.command()
@click.argument("openapi")
@click.argument("operations", metavar="OPERATION...", nargs=-1)
@click.option("--output", metavar="FILE", help="Write the document to this file, which is not there yet.")
@click.option("--tests", metavar="FOLDER", help="Also write conftest.py and test_contract.py for pytest there.")
def scaffold(openapi: str, operations: tuple[str, ...], output: str | None, tests: str | None) -> None:
    """Make a document with a contract out of an OPENAPI file (JSON or YAML, 3.0 or 3.1) and some operations of it.

    An OPERATION is an operationId, or "GET /path". Their schemas come along, also from other files beside. What is
    guessed (the state, its stages, what starts it) is marked in the document, which is ready for lint, test and mock.
    """
    with LOADING:
        from pollspec.document.scaffold import starter

    for line in starter.start(openapi, operations, output, tests):
        click.echo(line, nl=output is not None)


@main.command()
@click.argument("documents", nargs=-1)
@click.option("--style", is_flag=True, help="Also the house rules of pollspec's own documents.")
def lint(documents: tuple[str, ...], style: bool) -> None:
    """Check DOCUMENTS (all known ones) for what validators of OpenAPI miss, and for the grammar of x-contract.

    An error is what can't be judged. What only reads ill is told with --style.
    """
    with LOADING:
        from pollspec.document.lint import problems
        from pollspec.servers import rehearsal

    for name in documents:
        if name not in spec.names() and not pathlib.Path(name).is_file():
            raise DocumentError(f"there is no file {name}", "give the path of an OpenAPI 3.1 document in YAML")
    found = [problem for name in documents or spec.names() for problem in problems(name, style, [rehearsal.problems])]
    for problem in found:
        click.echo(problem)
    click.echo(f"{len(documents or spec.names())} documents, {len(found)} problems")
    raise SystemExit(1 if found else 0)


@main.command()
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def diff(old: str, new: str, as_json: bool) -> None:
    """Tell what has changed from the document OLD to NEW, and whom that breaks: servers, clients, or nobody.

    Each is a known name, a file, or - (git show v1:spec/x.yaml | pollspec diff - spec/x.yaml). Exit code 1 if NEW's
    version (info.version) is lower than its changes ask for: what breaks somebody is a major change, what is merely
    worded otherwise a patch, anything else a minor one.
    """
    with LOADING:
        from pollspec.document.diff import compared, read

    found = compared(read(old), read(new))
    click.echo(found.as_json() if as_json else found.as_text())
    raise SystemExit(0 if found.fits else 1)


@main.command()
@click.argument("vendors", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def beliefs(vendors: tuple[str, ...], as_json: bool) -> None:
    """List what is believed of VENDORS (all known ones), with the pages' oddities and untestable sentences."""
    with LOADING:
        from pollspec.document import listing

    names = list(vendors) or spec.names()
    click.echo(listing.as_json(names) if as_json else listing.as_text(names))


@main.command()
@click.argument("vendors", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "mermaid", "svg"]),
    default="markdown",
    show_default=True,
    help="A page with each lifecycle; or one of them as Mermaid or SVG.",
)
@click.option("--lifecycle", metavar="NAME", help="Which one, where there are several.")
def draw(vendors: tuple[str, ...], form: str, lifecycle: str | None) -> None:
    """Draw the lifecycles of VENDORS (all known ones): stages, moves, and what each of these rests on."""
    with LOADING:
        from pollspec.reports.lifecycles import drawn

    click.echo(drawn(vendors, form, lifecycle), nl=False)


@main.command()
@click.argument("belief", metavar="ID")
@click.argument("document", required=False)
def explain(belief: str, document: str | None) -> None:
    """Explain the belief ID: its claim, the sentence, where that stands, how it is tried; or a requirement of a client.

    The beginning of an id explains each belief under it. For a document of your own give its path as DOCUMENT.
    """
    with LOADING:
        from pollspec.grading.listing import explained
        from pollspec.reports.explain import explain as text

    click.echo(explained(belief, document) or text(belief, document), nl=False)
