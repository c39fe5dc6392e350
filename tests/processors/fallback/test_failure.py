"""What an error frame says about a provider."""

import httpx
import pytest
from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory

from processors.fallback.failure import Failure, Reason, failure_of, retry_after_s

pytestmark = pytest.mark.unit


def refused(**headers: str) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "https://vendor.test/")
    response = httpx.Response(429, headers=headers, request=request)
    return httpx.HTTPStatusError("429", request=request, response=response)


@pytest.mark.parametrize(
    ("value", "expected_s"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None)],
)
def test_retry_after_in_seconds(value: str, expected_s: float | None) -> None:
    """Seconds are taken, never negative, and nonsense is nothing."""
    assert retry_after_s(refused(**{"Retry-After": value})) == expected_s


def test_retry_after_as_a_date() -> None:
    """A date is the time until then."""
    error = refused(**{"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT"})
    assert retry_after_s(error, now_epoch_s=90.0) == 30.0


def test_no_retry_after() -> None:
    """Errors without a response or the header say nothing."""
    assert retry_after_s(None) is None
    assert retry_after_s(ValueError("no response")) is None
    assert retry_after_s(refused()) is None


def test_failure_of_an_error_frame() -> None:
    """The category and the Retry-After of the exception are kept."""
    frame = ErrorFrame("no", exception=refused(**{"Retry-After": "4"}))
    frame.category = ErrorCategory.RATE_LIMIT
    assert failure_of(frame) == Failure(Reason.ERROR, ErrorCategory.RATE_LIMIT, 4.0)
