"""Whatever is asked, the answer is a documented one, and contradicts none that was given before.

The cases are the document's: what the trial asks about what rests (every pair of what can be varied), schemathesis'
coverage of the schemas, and what hypothesis makes up. They leave through the one door out.
"""

from __future__ import annotations

from typing import Any

import requests
import schemathesis

from pollspec.doors.plugin import documents
from pollspec.doors.schemathesis import contract


@schemathesis.pytest.parametrize(**documents())
def test_answers(case: schemathesis.Case[Any], session: requests.Session) -> None:
    """Every answer of every operation keeps to every belief."""
    response = case.call(session=session)
    case.validate_response(response, checks=[contract])
