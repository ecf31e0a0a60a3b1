"""The command that all verbs belong to."""

from __future__ import annotations

import click

from pollspec import boundary

VENDOR = click.argument("vendor")


@click.group(cls=boundary.Group, context_settings={"help_option_names": ["-h", "--help"], "color": True})
@click.version_option(package_name="pollspec", prog_name="pollspec")
def main() -> None:
    """Hold any server to what five vendors document about their progress endpoints.

    VENDOR is a known name (pollspec beliefs lists them) or the path of a document of your own.
    """
