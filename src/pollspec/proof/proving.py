"""What `pollspec prove` prints and writes."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

import click
from rich.console import Console

from pollspec.errors import UsageError
from pollspec.proof import causes, matrix
from pollspec.proof.proof import Proof, misses
from pollspec.proof.prove import results, tasks


def proving(
    vendors: Sequence[str],
    second_reading: str | None,
    page: pathlib.Path | None,
    readme: pathlib.Path | None,
    check: bool,
    seed: int,
    jobs: int,
) -> int:
    """Run everything, print the numbers and what is not proved, write or compare the pages; the exit code."""
    if readme and not readme.is_file():
        raise UsageError(f"--readme {readme}: there is no such file", f"it needs the line {matrix.BEGIN}")
    total = sum(1 for _ in tasks(vendors, second_reading, seed))
    found, aside = [], Console(stderr=True, highlight=False)
    for result in results(vendors, second_reading, seed, jobs):
        found.append(result)
        if sys.stderr.isatty() and len(found) % 10 == 0:
            aside.print(f"{len(found)} of {total} runs", end="\r")
    proof = Proof(tuple(found), misses(second_reading))
    failures = list(proof.failures())
    click.echo(matrix.numbers(proof))
    told = list(causes.lines(failures))
    click.echo("".join(f"\n{line}" for line in told))
    of = f", of {len(told)} {'causes' if len(told) > 1 else 'cause'}" if len(told) < len(failures) else ""
    asked = sum(result.requests for result in found)
    click.echo(f"{len(found)} runs, {asked} requests, {len(failures)} not proved{of}")
    differing = _pages(proof, page, readme, check)
    return 1 if failures or differing else 0


def _pages(proof: Proof, page: pathlib.Path | None, readme: pathlib.Path | None, check: bool) -> bool:
    """Write the pages, or say which differ."""
    wanted = {page: matrix.page(proof)} if page else {}
    if readme:
        try:
            wanted[readme] = matrix.inserted(readme.read_text(encoding="utf-8"), matrix.numbers(proof))
        except ValueError as error:
            raise UsageError(f"--readme {readme}: {error}", "put the two marks where the numbers belong") from None
    differing = [
        path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in differing:
        if check:
            click.echo(f"{path} is not as generated; run the same without --check")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
            click.echo(f"{path} written")
    return bool(check and differing)
