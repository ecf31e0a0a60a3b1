"""The command line: verbs by what they are about, each file in the order of the pipeline."""

from pollspec.cli import documents, grading, judging, servers
from pollspec.cli.group import main

__all__ = ["documents", "grading", "judging", "main", "servers"]
