"""What a source of weights says when it cannot deliver; the puller then asks the next one."""

from __future__ import annotations

from collections.abc import Callable

Advance = Callable[[int], None]
"""Called with bytes gained since the last call; negative when bytes gained are thrown away."""


class SourceFailed(Exception):
    """This source has not the bytes, or not the right ones; the text is a sentence for people."""
