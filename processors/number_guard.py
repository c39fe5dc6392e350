"""Keeps invented numbers and names out of the caller's ear; stands between local brain and voice.

A small model that does not know a price makes one up. Here every number, time, price and name of an
answer must stand in the bot's facts or prompt, in a tool's result or in what the caller said; a
clause with one that does not is withheld, and the fact nearest to the question, or "I do not know
that", is spoken in its place. `NumberPolicy` and `GuardedAnswer` are pure; `NumberGuard` is the
shell that sits in the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from loguru import logger
from pipecat.frames.frames import (
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from processors.names import strange_names, words_known
from processors.relevance import days_named, relevance, telling_words
from processors.spoken_numbers import Key, ends_in_number, known_keys, mentions

# A clause ends at a mark after a word. After a digit or a single letter ("12.50", "9:30", "a.m.")
# only a space tells, and after a number a comma ends nothing: "555, 0134" is one number.
_CLAUSE_END = re.compile(
    r"(?<=[^\W\d_][^\W\d_])[.!?;…]+[\"')\]]*(?=\s|$)"
    r"|[.!?;:…]+[\"')\]]*(?=\s)"
    r"|(?<=[^\W\d_][^\W\d_]),(?=\s|$)"
)
LEAD_IN_WORDS = 2
"""A comma after so few words ends nothing: "No, at ten." stands or falls as a whole."""
_SENTENCE_END = re.compile(r"[.!?…]+[\"')\]]*\s*$")
NEAR = 0.5
"""Share of the question's weight a fact must have to be spoken instead, 0 to 1."""
_MEASURES = telling_words(
    """
    minute hour day week month year dollar euro pound cent metre meter kilometre mile gram kilo
    long wide high tall old big small heavy far cost price open close
    """
)
"""Words that stand beside numbers of any kind, and so do not tell what a number is of."""


@dataclass(frozen=True)
class NumberPolicy:
    """What a bot may say numbers from, and what it says instead of the others."""

    facts: Sequence[str]
    """Whole sentences: vouch for their numbers, and one of them may be spoken as it stands."""
    vouching: Sequence[str] = ()
    """Other texts whose numbers are right: the prompt, the greeting, the date."""
    unknown: str = "I do not know that, but I can find out for you."
    language: str = "en"
    weekdays: Sequence[str] = ()
    """Their names in `language`; a fact of one day vouches for no other."""
    _known: frozenset[Key] = field(init=False, repr=False, compare=False, default=frozenset())
    _by_fact: Sequence[frozenset[Key]] = field(init=False, repr=False, compare=False, default=())
    _topics: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())
    _named: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        known = known_keys(self.vouching, self.language)
        object.__setattr__(self, "_known", known)
        by_fact = tuple(known_keys([fact], self.language) for fact in self.facts)
        object.__setattr__(self, "_by_fact", by_fact)
        object.__setattr__(self, "_named", words_known((*self.facts, *self.vouching, self.unknown)))
        topics = telling_words(" ".join(self.facts)) - _MEASURES
        object.__setattr__(self, "_topics", topics)

    def is_sound(self, clause: str, said: Iterable[str] = (), question: str = "") -> bool:
        """Whether every number of `clause` is known; `said` is the caller's words, tools' results.

        A fact vouches for its numbers only where clause, `question` or what was `said` before is
        about it: eighteen metres of whale are not the length of a ship. Small spelled counts ("one
        moment", "both", "two options") claim nothing and pass. Names must be known too, but of a
        bot without facts, which makes up stories.
        """
        said = tuple(said)
        vouched = self._named | words_known((*said, question))
        if self.facts and strange_names(clause, vouched, self.language):
            return False
        foreign = [
            mention.keys
            for mention in mentions(clause, self.language)
            if not mention.is_small and not mention.keys & self._known
        ]
        if not foreign:
            return True
        heard = known_keys(said, self.language)
        foreign = [keys for keys in foreign if not keys & heard]
        if not foreign:
            return True
        days = days_named(clause, self.weekdays) or days_named(question, self.weekdays)
        topic = self._topics & telling_words(" ".join((clause, question, *said)))
        vouching = [
            keys
            for fact, keys in zip(self.facts, self._by_fact, strict=True)
            if self._is_about(fact, topic, days)
        ]
        return all(any(keys & known for known in vouching) for keys in foreign)

    def _is_about(self, fact: str, topic: frozenset[str], days: frozenset[str]) -> bool:
        of_fact = days_named(fact, self.weekdays)
        if days and of_fact and not days & of_fact:
            return False
        words = telling_words(fact) & self._topics
        return not words or not topic or bool(words & topic)

    def instead(self, question: str, clause: str = "") -> str:
        """What to say for a withheld clause: the fact nearest to the question, or `unknown`."""
        asked = relevance(tuple(self.facts), question)
        about = relevance(tuple(self.facts), f"{question} {clause}")
        near = [
            (shared, with_clause, -place)
            for place, (shared, with_clause) in enumerate(zip(asked, about, strict=True))
            if shared >= NEAR
        ]
        return self.facts[-max(near)[2]] if near else self.unknown


def _clause_end(text: str, language: str) -> int:
    """Where the first whole clause of `text` ends, 0 while there is none."""
    for match in _CLAUSE_END.finditer(text):
        before = text[: match.start()]
        if match.group() != "," or (
            len(before.split()) > LEAD_IN_WORDS and not ends_in_number(before, language)
        ):
            return match.end()
    return 0


class GuardedAnswer:
    """One answer on its way: text goes in as it is generated, clauses that hold come out.

    ```
    in   "On Saturday we o|pen from nine| to five. | Anything else?"
    out                                  "On Saturday the practice is open from ten to four. "
                                                    "Anything else?"
    ```
    """

    def __init__(
        self, policy: NumberPolicy, question: str, said: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self._policy = policy
        self._question = question
        self._said = said
        self._held = ""
        self._skips_sentence = False
        self._has_replaced = False
        self.withheld = 0
        """Clauses not spoken so far."""

    def feed(self, text: str) -> str:
        """Take generated text; returns what may be spoken now, "" while a clause is incomplete."""
        self._held += text
        spoken = ""
        while (end := _clause_end(self._held, self._policy.language)) > 0:
            clause, self._held = self._held[:end], self._held[end:]
            spoken += self._vet(clause)
        return spoken

    def finish(self) -> str:
        """The generation is over; returns what is left to speak."""
        clause, self._held = self._held, ""
        return self._vet(clause)

    def _vet(self, clause: str) -> str:
        ends_sentence = bool(_SENTENCE_END.search(clause))
        if self._skips_sentence:
            self._skips_sentence = not ends_sentence
            return ""
        if self._policy.is_sound(clause, self._said(), self._question):
            return clause
        self.withheld += 1
        self._skips_sentence = not ends_sentence
        if self._has_replaced:
            return ""
        self._has_replaced = True
        lead = clause[: len(clause) - len(clause.lstrip())]
        return lead + self._policy.instead(self._question, clause)


class NumberGuard(FrameProcessor):
    """Withholds clauses with unvouched numbers from the local brain's answers.

    Stands right after the LLM, so a speculative answer reaches it only once its turn is confirmed,
    and before the TTS, so the context gets what is spoken and not what was generated.

    Frames, downstream: LLMFullResponseStartFrame opens an answer and passes; LLMTextFrame is
    consumed and emitted again clause by clause; LLMFullResponseEndFrame first lets out the rest and
    passes; InterruptionFrame drops what is held and passes. Everything else passes, either way.
    """

    def __init__(self, policy: NumberPolicy, context: LLMContext) -> None:
        """Guard answers by `policy`; the conversation in `context` vouches for numbers too."""
        super().__init__()
        self.policy = policy
        self._context = context
        self._answer: GuardedAnswer | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Guard text on its way down; everything else passes."""
        await super().process_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM:
            if isinstance(frame, LLMTextFrame) and self._answer is not None:
                await self._speak(self._answer.feed(frame.text), frame.skip_tts)
                return
            if isinstance(frame, LLMFullResponseStartFrame):
                self._answer = GuardedAnswer(self.policy, self._question(), self._said)
            elif isinstance(frame, LLMFullResponseEndFrame) and self._answer is not None:
                answer, self._answer = self._answer, None
                await self._speak(answer.finish(), frame.skip_tts)
                if answer.withheld:
                    logger.info("Withheld {} clauses with unknown numbers", answer.withheld)
            elif isinstance(frame, InterruptionFrame):
                self._answer = None
        await self.push_frame(frame, direction)

    async def _speak(self, text: str, skip_tts: bool | None) -> None:
        if text:
            frame = LLMTextFrame(text)
            frame.skip_tts = skip_tts
            await self.push_frame(frame)

    def _question(self) -> str:
        """The caller's last words."""
        return next((text for text in reversed(list(self._texts("user")))), "")

    def _said(self) -> Iterable[str]:
        """What the caller and the tools said so far."""
        return self._texts("user", "tool")

    def _texts(self, *roles: str) -> Iterator[str]:
        for message in self._context.get_messages():
            if isinstance(message, dict) and message.get("role") in roles:
                content = message.get("content")
                if isinstance(content, str):
                    yield content
                elif isinstance(content, list):
                    yield from (str(part["text"]) for part in content if "text" in part)
