"""What went wrong with a provider, as data: the policy and the breakers judge nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory


class Reason(StrEnum):
    """Why a provider was left, in a word for logs, metrics and the page."""

    ERROR = "error"
    LATE = "late"
    STALLED = "stalled"
    EMPTY = "empty"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one provider.

    Attributes:
        reason: what the caller of the provider saw.
        category: Pipecat's own word for the cause.
        retry_after_s: how long the provider asked to be left alone, if it did.
    """

    reason: Reason
    category: ErrorCategory = ErrorCategory.UNKNOWN
    retry_after_s: float | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether asking again soon is pointless: a key, a permission or a balance is wrong."""
        return self.category in _REFUSALS

    @property
    def is_of_the_request(self) -> bool:
        """Whether the request was at fault, or our own code: the provider is not to blame."""
        return self.category in _OF_THE_REQUEST


_REFUSALS = frozenset(
    {ErrorCategory.AUTHENTICATION, ErrorCategory.AUTHORIZATION, ErrorCategory.QUOTA}
)
_OF_THE_REQUEST = frozenset({ErrorCategory.INVALID_REQUEST, ErrorCategory.APPLICATION})


def failure_of(error: ErrorFrame) -> Failure:
    """The failure that a service's error frame reports."""
    category = error.category or ErrorCategory.UNKNOWN
    return Failure(Reason.ERROR, category, retry_after_s(error.exception))


def retry_after_s(error: BaseException | None, *, now_epoch_s: float | None = None) -> float | None:
    """Seconds that a refused request's `Retry-After` asks for; None if it says nothing usable.

    Takes both forms of RFC 9110, seconds and a date, from whatever client raised `error`.
    """
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or getattr(error, "headers", None)
    if not isinstance(headers, Mapping):
        return None
    value = next((v for k, v in headers.items() if str(k).lower() == "retry-after"), None)
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        due_epoch_s = parsedate_to_datetime(str(value)).timestamp()
    except ValueError:
        return None
    return max(0.0, due_epoch_s - (time.time() if now_epoch_s is None else now_epoch_s))
