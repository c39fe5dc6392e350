"""Joins one provider's half of an answer to the next one's, so that no word is said twice: pure.

    said    "We open at ten. On Satur"
    stream  "On Saturday at" " nine."         ->  "day at" " nine."
    stream  "We open at ten. On Saturday..."  ->  "day..."
    stream  "day at nine."                    ->  "day at nine."

Text is held only while it still reads like something that was said; the first word that does not
lets it go. Case and punctuation do not count when words are compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*$")
_SHORTEST_SENTENCE = 3
_SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class _Word:
    key: str
    raw: str
    end: int
    is_whole: bool = True

    @property
    def ends_sentence(self) -> bool:
        return _SENTENCE_END.search(self.raw) is not None


def _words(text: str, *, is_final: bool = True) -> list[_Word]:
    """The words of `text`; unless it is final, one that touches its end may not be whole."""
    found = []
    for match in re.finditer(r"\S+", text):
        key = "".join(char for char in match[0].casefold() if char.isalnum())
        is_whole = is_final or match.end() < len(text)
        if key or not is_whole:
            found.append(_Word(key, match[0], match.end(), is_whole))
    return found


class Seam:
    """The text of one continued answer on its way past what was already said.

    Args:
        said: the answer so far, as it went to the voice.
        is_new_message: the provider answers anew instead of going on in the middle of a word, so
            that a space belongs between the two where there is none.
    """

    def __init__(self, said: str, *, is_new_message: bool = True) -> None:
        self._said = _words(said)
        self._ends_in_space = not said or said[-1].isspace()
        self._is_cut_in_word = bool(said) and said[-1].isalnum()
        self._is_new_message = is_new_message
        self._held = ""
        self._is_joined = not self._said
        self._trims_space = self._ends_in_space

    def feed(self, text: str) -> str:
        """What of `text`, and of what was held before it, is new; often nothing yet."""
        if self._is_joined:
            return self._trim(text)
        self._held += text
        return self._decide(is_final=False)

    def finish(self) -> str:
        """The provider is done: what of the held text is new after all."""
        return "" if self._is_joined else self._decide(is_final=True)

    def _decide(self, *, is_final: bool) -> str:
        words = _words(self._held, is_final=is_final)
        if not words:
            return self._join(self._held) if is_final else ""
        for start in range(len(self._said)):
            matched = self._match(start, words)
            if matched is None:
                continue
            if matched < len(self._said) - start:
                if not is_final:
                    return ""
                if matched >= _SHORTEST_SENTENCE:
                    return self._join("")
            elif self._is_overlap(start, words):
                return self._join(self._after(words[matched - 1]), is_cut=True)
        repeated = self._repeated_sentences(words)
        if repeated:
            return self._join(self._held[words[repeated - 1].end :], is_cut=True)
        return self._join(self._held)

    def _match(self, start: int, words: list[_Word]) -> int | None:
        """How many words agree with what was said from `start`; None when one does not."""
        due = self._said[start:]
        for index, (said, word) in enumerate(zip(due, words, strict=False)):
            is_open = self._is_cut_in_word and index == len(due) - 1
            if not word.is_whole:
                is_possible = said.key.startswith(word.key) or (
                    is_open and word.key.startswith(said.key)
                )
                return index if is_possible else None
            if word.key != said.key and not (is_open and word.key.startswith(said.key)):
                return None
        return min(len(due), len(words))

    def _is_overlap(self, start: int, words: list[_Word]) -> bool:
        """Whether an agreement up to the end of what was said is more than a coincidence."""
        if start == 0 and self._is_new_message:
            return True  # an answer that begins as the one before it did has begun again
        due = self._said[start:]
        if len(due) == 1 and words[0].key != due[0].key:
            return len(due[0].key) >= _SHORTEST_PART
        return any(len(said.key) > 1 and not said.key.isdigit() for said in due)

    def _after(self, word: _Word) -> str:
        """The held text after the last word that was said: its missing letters come first."""
        rest = self._held[word.end :]
        last = self._said[-1]
        if not self._is_cut_in_word:
            return rest
        letters = 0
        for position, char in enumerate(word.raw):
            if letters >= len(last.key) and (char.isalnum() or position):
                return word.raw[position:] + rest
            letters += len("".join(c for c in char.casefold() if c.isalnum()))
        return rest

    def _repeated_sentences(self, words: list[_Word]) -> int:
        """How many words at the beginning are whole sentences that were said."""
        longest = 0
        for start, word in enumerate(self._said):
            if start and not self._said[start - 1].ends_sentence:
                continue
            del word
            covered = 0
            for index, (said, new) in enumerate(zip(self._said[start:], words, strict=False), 1):
                if not new.is_whole or said.key != new.key:
                    break
                if said.ends_sentence:
                    covered = index
            longest = max(longest, covered)
        return longest if longest >= _SHORTEST_SENTENCE else 0

    def _join(self, text: str, *, is_cut: bool = False) -> str:
        self._is_joined = True
        self._held = ""
        if not text:
            return ""
        needs_space = (
            not is_cut
            and self._is_new_message
            and not self._ends_in_space
            and not text[0].isspace()
            and text[0].isalnum()
        )
        return f" {text}" if needs_space else self._trim(text)

    def _trim(self, text: str) -> str:
        """No second space where what was said ends in one."""
        if not self._trims_space:
            return text
        text = text.lstrip()
        self._trims_space = not text
        return text
