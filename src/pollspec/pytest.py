"""A polite server in a client's own tests, in this process; `pytest_plugins = ["pollspec.pytest"]` in conftest.py.

    def test_a_failure_is_told(polite_server):
        server = polite_server(VENDOR, scenario="fails")
        with pytest.raises(TaskFailed):
            wait_for_the_end(server.url, **server.given("finished"))

It serves on loopback, for clients in any style. Whatever was asked, and what the judge finds in the answers, is shown
where the test fails, also when it is the client that raises.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pollspec.doors.hosting import Hosted

HOSTED = pytest.StashKey[list["Hosted"]]()


@pytest.fixture
def polite_server(request: pytest.FixtureRequest) -> Iterator[Callable[..., Hosted]]:
    """Starts polite servers: `polite_server(VENDOR, scenario=NAME|FILE, fault=NAME, polls=4, duration=None)`.

    VENDOR is a known name or a document's path. Instances move on by polls, or within `duration` seconds of the
    server's clock, which stands still until the test moves it on. `anyone` and `cards` are those of `pollspec mock`: a
    subject's name, and a list of SUBJECT=PARAMETER=VALUE. Ended with the test.
    """
    from pollspec.doors.hosting import Hosted

    hosted = request.node.stash.setdefault(HOSTED, [])
    with contextlib.ExitStack() as closing:

        def serve(vendor: str, **options: Any) -> Hosted:
            one = Hosted(vendor, **options)
            closing.callback(one.close)
            hosted.append(one)
            return one

        yield serve


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Show with a test that failed what its servers were asked, and what the judge finds in it."""
    report = yield
    if report.failed:
        for one in item.stash.get(HOSTED, []):
            report.sections.append((f"pollspec: {one.vendor.slug} at {one.url}", one.summary()))
    return report
