"""Counts words a caller lost or heard twice: the script against what the recording says.

Benchmarks and tests use it on what `word_tones.decode` read from the caller's side of a call.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from emulators.word_tones import ToneWord


@dataclass(frozen=True, slots=True)
class WordCount:
    """What became of a script of words on its way to the caller."""

    lost: tuple[str, ...]
    """Words of the script that were not heard whole, in order."""
    repeated: tuple[str, ...]
    """Words heard whole once more than the script says them, or out of their order."""
    strange: tuple[str, ...]
    """Words heard whole that the script does not have."""
    broken: tuple[ToneWord, ...]
    """Parts of words: where a voice was cut off."""

    @property
    def is_exact(self) -> bool:
        """Whether each word of the script was heard once, in order, and nothing else."""
        return not (self.lost or self.repeated or self.strange)


def count_words(script: Sequence[str], heard: Sequence[ToneWord]) -> WordCount:
    """Match what was heard to `script` along their longest common order.

    A part of a word counts as neither heard nor repeated: a voice that resumes at the start of the
    word it was cut in loses nothing. Case matters; punctuation belongs to its word.
    """
    whole = [word.text for word in heard if word.is_whole]
    said, matched = _longest_common_order(script, whole)
    extra = [word for position, word in enumerate(whole) if position not in matched]
    known = set(script)
    return WordCount(
        lost=tuple(word for position, word in enumerate(script) if position not in said),
        repeated=tuple(word for word in extra if word in known),
        strange=tuple(word for word in extra if word not in known),
        broken=tuple(word for word in heard if not word.is_whole),
    )


def _longest_common_order(script: Sequence[str], heard: Sequence[str]) -> tuple[set[int], set[int]]:
    lengths = [[0] * (len(heard) + 1) for _ in range(len(script) + 1)]
    for i in reversed(range(len(script))):
        for j in reversed(range(len(heard))):
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1
                if script[i] == heard[j]
                else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    said: set[int] = set()
    matched: set[int] = set()
    i = j = 0
    while i < len(script) and j < len(heard):
        if script[i] == heard[j]:
            said.add(i)
            matched.add(j)
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return said, matched
