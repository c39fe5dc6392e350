"""Whether the bot has just asked, so that "yeah" is an answer; kept by processors/floor.py."""

from __future__ import annotations

ASKED_S = 1.5
"""A question still stands while so much of what follows it is heard."""


class Question:
    """The bot's last question, as long as it stands. Times are seconds that only grow."""

    def __init__(self) -> None:
        self._is_last = False
        self._until_s = 0.0

    def said(self, text: str, now_s: float) -> None:
        """Words of the bot begin to be heard."""
        if not text.strip():
            return
        is_question = text.rstrip().endswith(("?", "？", "؟"))
        if self._is_last and not is_question:
            self._until_s = now_s + ASKED_S
        self._is_last = is_question

    def stands(self, now_s: float) -> bool:
        """Whether what is said now may answer it."""
        return self._is_last or now_s < self._until_s
