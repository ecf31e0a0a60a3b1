"""The command line: verbs by what they are about, each file in the order of the pipeline."""

from pollspec.cli import documents, judging, servers
from pollspec.cli.group import main

__all__ = ["documents", "judging", "main", "servers"]
