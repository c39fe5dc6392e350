"""What can be wrong with a request, in no vendor's words: each emulator finds its own."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from emulators.faults import Fault, FaultKind


class Wrong(StrEnum):
    """The kinds of refusal that vendors word differently."""

    FAULT = "fault"
    CREDENTIALS = "credentials"
    MODEL = "model"
    VOICE = "voice"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    VALUE = "value"
    ORDER = "order"
    PATH = "path"


class Problem(Exception):
    """A request that the vendor would refuse: `status` is HTTP's, `param` the dotted field."""

    def __init__(
        self,
        wrong: Wrong,
        message: str,
        *,
        status: int = 400,
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.wrong = wrong
        self.message = message
        self.status = status
        self.param = param
        self.retry_after_s = retry_after_s

    @property
    def located(self) -> str:
        """The message, after the field that it is about where it is about one."""
        return f"{self.param}: {self.message}" if self.param else self.message

    @property
    def headers(self) -> dict[str, str]:
        """Headers that every vendor answers with."""
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}


class Request(BaseModel):
    """A request or a message of one: fields that the vendor does not document are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


AnyRequest = TypeVar("AnyRequest", bound=BaseModel)


def parse(shape: type[AnyRequest], data: Any) -> AnyRequest:
    """Read `data` as `shape`.

    Raises:
        Problem: the first thing wrong with it.
    """
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        # An undocumented field says more than the mismatch of a union it appears in.
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
        param = ".".join(str(part) for part in first["loc"])
        wrong = {
            "extra_forbidden": Wrong.UNKNOWN_FIELD,
            "missing": Wrong.MISSING_FIELD,
        }.get(first["type"], Wrong.VALUE)
        raise Problem(wrong, first["msg"], param=param or None) from error


def of_fault(fault: Fault) -> Problem:
    """The refusal that a fault with a status commands."""
    return Problem(
        Wrong.FAULT,
        _FAULT_MESSAGES[fault.kind],
        status=fault.kind.status or 500,
        retry_after_s=fault.retry_after_s if fault.kind is FaultKind.TOO_MANY_REQUESTS else None,
    )


def check_key(key: str | None) -> None:
    """Accept any key but none, the empty one and those that begin with `wrong`.

    Raises:
        Problem: 401, worded by the vendor.
    """
    if not key or key.startswith("wrong"):
        raise Problem(Wrong.CREDENTIALS, "the key is not valid", status=401)


def check_known(wrong: Wrong, name: str, known: Mapping[str, Any] | set[str] | None) -> None:
    """Accept `name` if it is in `known`; without `known`, any that does not begin with `unknown`.

    Raises:
        Problem: 404 for a model or a voice, with the name as its message.
    """
    is_known = not name.startswith("unknown") if known is None else name in known
    if not is_known:
        raise Problem(wrong, name, status=404)


_FAULT_MESSAGES = {
    FaultKind.UNAUTHORIZED: "The key was revoked.",
    FaultKind.PAYMENT_REQUIRED: "There is no credit left.",
    FaultKind.TOO_MANY_REQUESTS: "There were too many requests.",
    FaultKind.SERVER_ERROR: "The server had an error.",
    FaultKind.UNAVAILABLE: "The server is overloaded.",
}
