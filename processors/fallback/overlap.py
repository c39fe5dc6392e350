"""Takes out of a replay's transcript the words that were passed on before the switch. Pure.

    passed on   w1 w2 w3 |                     by the provider that died
    replay      w1 w2 | w3 w4 | w5 w6          by the next, in pieces of its own
    passed on             w4     w5 w6

Both transcripts begin with the same audio, so the replay's beginning is what is nearest, by word
edits, to the words already passed on: a word misheard by one of the two is still one word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipecat.frames.frames import InterimTranscriptionFrame, TranscriptionFrame


class Overlap:
    """The words that a replay will say again; each piece of it is given in order.

    Args:
        said: words already passed on, from the moment the replay begins with.
    """

    def __init__(self, said: Sequence[str]) -> None:
        self._said = list(said)

    @property
    def is_over(self) -> bool:
        """Whether everything the replay repeats has gone by."""
        return not self._said

    def hear(self, frame: InterimTranscriptionFrame | TranscriptionFrame) -> str:
        """What is new in a transcript as a service says it."""
        is_final = isinstance(frame, TranscriptionFrame)
        return self.take(frame.text) if is_final else self.preview(frame.text)

    def take(self, text: str) -> str:
        """What is new in a final piece, "" when nothing is; the rest waits for the next piece."""
        words = text.split()
        known, repeated = match(self._said, words)
        del self._said[:known]
        return text if repeated == 0 else " ".join(words[repeated:])

    def preview(self, text: str) -> str:
        """What would be new in `text`, a piece that may still change."""
        words = text.split()
        _, repeated = match(self._said, words)
        return text if repeated == 0 else " ".join(words[repeated:])


def match(said: Sequence[str], heard: Sequence[str]) -> tuple[int, int]:
    """How many words of `said` the beginning of `heard` repeats, and how many of its own it takes.

    Either all of `said` or all of `heard` is used up. Of equally near matches the longest counts:
    a word too few is asked for again by people, a word twice is taken for two.
    """
    a, b = [_plain(word) for word in said], [_plain(word) for word in heard]
    row = list(range(len(b) + 1))
    ends = [(row[-1], 0)]
    for i, word in enumerate(a, start=1):
        above, row = row, [i]
        for j, other in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (word != other)))
        ends.append((row[-1], i))
    # Costs of the two kinds of end: `heard` used up after i words of `said`, or all of `said` used
    # up after j words of `heard`.
    candidates = [(cost, -(i + len(b)), i, len(b)) for cost, i in ends]
    candidates += [(cost, -(len(a) + j), len(a), j) for j, cost in enumerate(row)]
    _, _, known, repeated = min(candidates)
    return known, repeated


def _plain(word: str) -> str:
    return re.sub(r"\W", "", word.casefold()) or word
