"""Options that several verbs have in common."""

from __future__ import annotations

from collections.abc import Callable

import click

from pollspec.trial.selection import EXAMPLES

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def several(*options: Decorator) -> Decorator:
    """Several options as one decorator, in the order of the help."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


TARGET = click.option(
    "--target", "target_file", help="A target file (pollspec init writes one), or FILE#NAME of a fleet."
)
INTERVAL = click.option("--interval", type=click.FloatRange(min=0.01), help="Seconds between polls (the document's).")
BASE_PATH = click.option("--base-path", help="What stands before every path (the document's base path, or anything).")
ONLY = click.option("--only", multiple=True, metavar="ID", help="An id, its beginning, or a glob; repeatable.")
BASELINE = click.option("--baseline", metavar="FILE", help="Known failures (pollspec baseline writes such a file).")
REPORTS = click.option(
    "--report",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Also write a report: html, json, junit, markdown, sarif; repeatable.",
)
REPORT = several(
    ONLY,
    click.option(
        "--strict",
        is_flag=False,
        flag_value="all",
        type=click.Choice(["all", "observed", "implied"]),
        help="A deviation (an observed or implied belief broken) fails as well; or only one of a grade.",
    ),
    click.option(
        "--require",
        multiple=True,
        metavar="GRADE|ID",
        help="What is not tried fails: source, observed, implied, all, or ids.",
    ),
    BASELINE,
    REPORTS,
)
PRODUCT_VERSION = click.option(
    "--product-version", metavar="VERSION", help="What is tested, for beliefs that depend on it."
)
WORKERS = several(
    click.option(
        "--jobs",
        type=click.IntRange(1, 1024),
        default=1,
        show_default=True,
        help="Processes that judge (Dask distributed, if there is more than one).",
    ),
    click.option("--scheduler", metavar="ADDRESS", help="A scheduler of Dask, whose workers judge: tcp://HOST:8786."),
    click.option("--scratch", metavar="FOLDER", help="Where parts of the traffic are kept meanwhile (the system's)."),
)
METRICS = click.option(
    "--metrics",
    metavar="[HOST:]PORT",
    help="Serve metrics for Prometheus there meanwhile (on loopback; 0: a free port).",
)
INSECURE = click.option("--insecure", is_flag=True, help="Accept any certificate. Anyone on the way can read and lie.")
LIVE = several(
    TARGET,
    INTERVAL,
    click.option("--rate", type=click.FloatRange(min=0.001), help="Requests a second at most."),
    click.option("--max-requests", type=click.IntRange(min=1), help="Requests of the whole run at most (10000)."),
    click.option("--max-time", type=click.FloatRange(min=0.1), help="Seconds of the whole run at most."),
    INSECURE,
    click.option("--header", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request; repeatable."),
    PRODUCT_VERSION,
)
CLAIM = several(
    click.option("--claim", metavar="FILE", help="Also write a claim: who says what of which product (in-toto)."),
    click.option("--claimant", metavar="NAME", help="Who claims (the target file's)."),
)
FLEET = several(
    click.option("--targets", metavar="FILE", help="A fleet file: many targets, each tested by a process of its own."),
    click.option("--at-once", type=click.IntRange(1, 1000), help="Targets of a fleet at a time (4)."),
    click.option(
        "--per-host",
        type=click.IntRange(1, 1000),
        default=1,
        show_default=True,
        help="Targets of a fleet at a time that are on one host.",
    ),
    click.option("--shard", metavar="N/OF", help="A part of a fleet, the second fifth say (2/5); see report merge."),
    click.option("--scheduler", metavar="ADDRESS", help="Test a fleet on a Dask cluster (tcp://HOST:8786)."),
)
TRIAL = several(
    LIVE,
    click.option("--allow-writes", is_flag=True, help="Operations that start something may run."),
    click.option("--no-wrong-logins", is_flag=True, help="Send no wrong credential (accounts get locked)."),
    click.option(
        "--wrong-logins",
        type=click.IntRange(min=0),
        metavar="N",
        help="Wrong logins beside those that are listed: accounts get locked (1).",
    ),
    click.option("--seed", default=1, show_default=True, help="Makes a run repeatable."),
    click.option(
        "--max-examples",
        type=click.IntRange(0, 10_000),
        default=EXAMPLES,
        show_default=True,
        help="Requests an operation beyond polls.",
    ),
    REPORT,
)
