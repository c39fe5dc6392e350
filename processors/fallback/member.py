"""A provider's place in a chain: its names, its service and how it is asked for a sign of life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipecat.processors.frame_processor import FrameProcessor

Service = TypeVar("Service", bound=FrameProcessor)


class NotFree(Exception):
    """A probe that cannot be made now: it says nothing of the provider."""


@dataclass(frozen=True, slots=True)
class Member(Generic[Service]):
    """One provider of a chain in one session.

    Attributes:
        name: for people: "cerebras/gpt-oss-120b".
        key: of its breaker; sessions and chains that name the same provider share it.
        service: the Pipecat service, not linked to anything; the chain owns and links it.
        probe: asks the provider for a sign of life and raises when there is none, NotFree when this
            session cannot ask; None leaves it to a turn to find out.
        can_prefill: a model goes on with a last message of its own as if it had just said it.
    """

    name: str
    key: str
    service: Service
    probe: Callable[[], Awaitable[None]] | None = None
    can_prefill: bool = False


def health_key(kind: str, provider: str, base_url: str | None = None) -> str:
    """The key of a provider's breaker: what fails together is judged together."""
    return f"{kind} {provider} {base_url}" if base_url else f"{kind} {provider}"
