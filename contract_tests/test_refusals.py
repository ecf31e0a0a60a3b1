"""Documented refusals happen whenever they are provoked, whatever comes with it."""

from __future__ import annotations

from typing import Any

import requests
import schemathesis

from pollspec.doors.plugin import documents
from pollspec.doors.schemathesis import contract


@schemathesis.pytest.parametrize(**documents(refusals=True))
def test_refusals(case: schemathesis.Case[Any], session: requests.Session) -> None:
    """A bad request, or one with a bad credential, is refused as documented."""
    response = case.call(session=session)
    case.validate_response(response, checks=[contract])
