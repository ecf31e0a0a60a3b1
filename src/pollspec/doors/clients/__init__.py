"""In a client's own tests: judge what goes through httpx or requests.

httpx, with any client that takes a transport (asynchronous ones alike):

    with recording(VENDOR) as seen:
        with httpx.Client(base_url=URL, transport=JudgingTransport(seen)) as client:
            assert wait_for_the_end(client) == "done"

requests, with any session:

    with recording(VENDOR) as seen:
        session = requests.Session()
        session.mount(URL, JudgingAdapter(seen))
        assert wait_for_the_end(session) == "done"

VENDOR is a known name or a document's path; `wait_for_the_end` stands for the client's own code. Leaving the block
fails the test with what is broken, as `pollspec test` prints it, and where nothing was judged.
`seen.verdicts()` and `seen.check()` tell at any time. What passes is not changed. It is judged as the client reads it,
and so an answer that is left unread is not judged.
"""

from __future__ import annotations

from pollspec.doors.clients.adapter import JudgingAdapter
from pollspec.doors.clients.recorder import Recorder, recording
from pollspec.doors.clients.transport import JudgingTransport

__all__ = ["JudgingAdapter", "JudgingTransport", "Recorder", "recording"]
