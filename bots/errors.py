"""The whole error tree: every error has a code, a message in a sentence, and a hint that mends it.

OffhookError
+-- ConfigError            a bot's file; carries every ConfigProblem at once (exit 2)
+-- WeightsError           model files that cannot be had, or are not what they should be
+-- SessionError
|   +-- UnknownBot         404
|   +-- SessionNotFound    404
|   +-- AtCapacity         503, says when to come back
|   +-- Draining           503
|   +-- Warming            503
|   +-- CallRefused        401, 403, 409 or 429: a token, an origin, a rate
+-- TransportError         502
+-- WebhookRejected        403
+-- ProviderError          a stage of the pipeline: which provider, which category
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class OffhookError(Exception):
    """The root. `code` is stable and for machines, `message` and `hint` are for people."""

    code = "error"
    status = 500

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """One thing wrong with a bot's file, where it stands and what mends it."""

    file: Path
    line: int
    column: int
    code: str
    key: str
    cause: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.cause}" + (f" {self.fix}" if self.fix else "")


class ConfigError(OffhookError):
    """A bot's file does not hold; `problems` has all that is wrong with it, in file order."""

    code = "config"

    def __init__(self, problems: list[ConfigProblem] | tuple[ConfigProblem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class WeightsError(OffhookError):
    """Model files that are missing with no source left, too large for the disk, or not genuine."""

    code = "weights"


class SessionError(OffhookError):
    """A session that cannot start or cannot be found."""

    code = "session"


class UnknownBot(SessionError):
    """No bot of that name answers here."""

    code = "unknown_bot"
    status = 404


class SessionNotFound(SessionError):
    """No such session, or the secret given is not its own."""

    code = "session_not_found"
    status = 404


class AtCapacity(SessionError):
    """Every place is taken; `retry_after_s` is when it is worth asking again."""

    code = "at_capacity"
    status = 503

    def __init__(self, message: str, *, retry_after_s: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class Draining(AtCapacity):
    """The process is shutting down and takes no new calls."""

    code = "draining"


class Warming(AtCapacity):
    """The bot's models are still loading."""

    code = "warming"


class CallRefused(SessionError):
    """A call that may not start: no token, a spent or expired one, a foreign origin, too many."""

    code = "call_refused"

    def __init__(self, message: str, *, status: int, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status


class TransportError(OffhookError):
    """The way in or out could not be set up."""

    code = "transport"
    status = 502


class WebhookRejected(OffhookError):
    """A webhook whose signature does not hold."""

    code = "webhook_rejected"
    status = 403


class ProviderError(OffhookError):
    """A provider that cannot be built or does not answer; `category` is Pipecat's ErrorCategory."""

    code = "provider"
    status = 502

    def __init__(
        self, message: str, *, provider: str, stage: str, category: str, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.provider = provider
        self.stage = stage
        self.category = category
