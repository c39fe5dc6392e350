"""Shapes a bot's prompt and facts for the model at hand; pure, called when a session is built.

A large model reads prose. A small one answers wrongly from prose one time in three, and rightly
from one fact a line, a rule of one sentence and examples in the bot's own words; so `shape_small`
gives it those. What changes between calls (the date) never stands in that prefix, which is read
once a bot and restored into each call from a cache: it is added to the questions that need it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.wording import WORDINGS, Wording, spoken_time, wording

_SHORT_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)s?"
)
_DAY_RANGE = re.compile(rf"\b(from )?({_DAY})\s*(?:-|–|to|through|till|until)\s*({_DAY})\b", re.I)
_WEEKDAYS = re.compile(r"\b(?:on )?weekdays\b", re.I)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One example for the model: what a caller asks and what the bot answers."""

    caller: str
    bot: str
    fact: str = ""
    """What stands beside the question, which may not be the answer."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a small model is told before a call begins."""

    system: str
    examples: tuple[Exchange, ...]
    facts: tuple[str, ...]
    """As shaped: what may be spoken word for word."""
    language: str
    unknown: str
    """What the bot says where the facts are silent."""
    character: str = ""
    """The bot's prompt, without facts and rules."""
    asked: tuple[tuple[str, ...], ...] = ()
    """Of each of the `facts`, in their order, how callers ask for it."""

    def messages(self) -> list[dict[str, str]]:
        """The prefix of every call of this bot, the same bytes each time."""
        messages = [{"role": "system", "content": self.system}]
        for example in self.examples:
            messages.append({"role": "user", "content": _beside(example.fact, example.caller)})
            messages.append({"role": "assistant", "content": example.bot})
        return messages

    def question(self, text: str, now: datetime, near: Sequence[str] = ()) -> str:
        """The caller's words as the model gets them: with the facts `near` them, and the date where
        they turn on it.

        A small model overlooks one of thirty lines, but not the one beside the question. It costs
        0.2 to 0.4 s on two cores, unless it is read while the caller still speaks.
        """
        words = wording(self.language)
        told: list[str] = []
        if re.search(rf"\b(?:{words.time_words})\b", text, re.I):
            told.append(date_line(now, self.language))
            if words.tomorrow in text.lower():
                tomorrow = words.weekdays[(now.weekday() + 1) % 7]
                told.append(f"{words.tomorrow.capitalize()}: {tomorrow}.")
        return _beside(" ".join([*told, *near]), text)


def _beside(fact: str, text: str) -> str:
    return f"({fact}) {text}" if fact else text


def shape_small(
    prompt: str,
    facts: Sequence[str],
    language: str = "en",
    greeting: str | None = None,
    asked: Sequence[Sequence[str]] = (),
) -> Brief:
    """The brief of a small local model: `prompt` is the character, `facts` what it knows.

    `greeting` is what the bot says first; in the prefix it costs nothing at the first question.
    `asked` has the callers' questions for each fact; the model is not told them.
    """
    words = wording(language)
    is_english = language.startswith("en")
    lines = tuple(
        spell_weekdays(_sentence(fact)) if is_english else _sentence(fact) for fact in facts
    )
    parts = [prompt.strip()]
    if greeting:
        parts.append(words.greeted.format(greeting=greeting.strip()))
    if language.partition("-")[0] not in WORDINGS:
        parts.append(f"Always answer in the caller's language ({language}).")
    if lines:
        parts.append("\n".join([words.rule, *(f"- {line}" for line in lines)]))
        parts.append(words.otherwise.format(unknown=words.unknown))
    return Brief(
        system="\n".join(parts),
        examples=_examples(prompt, lines, language, words) if lines else (),
        facts=lines,
        language=language,
        unknown=words.unknown,
        character=prompt.strip(),
        asked=tuple(map(tuple, asked)) if asked else ((),) * len(lines),
    )


def shape_large(prompt: str, facts: Sequence[str], language: str, now: datetime) -> str:
    """The system text of a large model; the date comes last, so that what is before it caches."""
    parts = [
        prompt.strip(),
        "You are speaking with a caller on the phone. Answer in one or two short sentences that "
        "sound natural when spoken: no lists, no markdown, no emoji.",
    ]
    if language.partition("-")[0] != "en":
        parts.append(f"Answer in the language with the code {language}.")
    if facts:
        known = "\n".join(f"- {_sentence(fact)}" for fact in facts)
        parts.append(
            f"What you know for certain:\n{known}\nNever state a number, time, price or policy "
            "that is not given here or by the caller; say that you do not know and offer to find "
            "out."
        )
    parts.append(date_line(now, language))
    return "\n\n".join(parts)


def date_line(now: datetime, language: str = "en") -> str:
    """Today's date and time in a sentence: "Today is Saturday, 21 November, and it is ..."."""
    words = wording(language)
    return words.today.format(
        weekday=words.weekdays[now.weekday()],
        day=now.day,
        month=words.months[now.month - 1],
        time=spoken_time(now, language),
    )


def spell_weekdays(fact: str) -> str:
    """ "Mon-Fri" and "weekdays" as the days' names: a small model cannot count them out."""

    def span(match: re.Match[str]) -> str:
        since, *ends = match.groups()
        first, last = (_SHORT_DAYS.index(day[:3].lower()) for day in ends)
        count = (last - first) % 7 + 1
        days = _name_days([(first + step) % 7 for step in range(count)])
        return f"{_on(match.group(), fact)}{days}" if since else days

    fact = _DAY_RANGE.sub(span, fact)
    return _WEEKDAYS.sub(lambda match: _on(match.group(), fact) + _name_days(range(5)), fact)


def _on(found: str, fact: str) -> str:
    return "On " if fact.startswith(found) else "on "


def _name_days(days: Sequence[int]) -> str:
    names = [WORDINGS["en"].weekdays[day] for day in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sentence(fact: str) -> str:
    fact = " ".join(fact.split())
    return fact if fact.endswith((".", "!", "?")) else f"{fact}."


def _examples(
    prompt: str, lines: Sequence[str], language: str, words: Wording
) -> tuple[Exchange, ...]:
    """Exchanges made of the bot's own facts, and one in which it does not know."""
    text = f"{prompt} {' '.join(lines)}"
    strange = [asked for asked, sign in words.foreign_questions if sign not in text.lower()]
    # A fact beside a question need not answer it: these show what is said then.
    unknown = [Exchange((strange or [words.foreign_questions[-1][0]])[0], words.unknown, lines[0])]
    if not language.startswith("en"):
        own = _plain(lines, words)
    else:
        own = _english(prompt, lines)
        # A question about somebody who does stand in the facts, which they do not answer either.
        if person := next((line for line in lines if _PERSON.search(line)), None):
            name = _PERSON.findall(person)[0]
            unknown.append(Exchange(f"Where was {name} born?", words.unknown, person))
        if price := next((line for line in lines if _PRICE.search(line)), None):
            unknown.append(Exchange("How much is a haircut?", words.unknown, price))
    return (*own[:1], *unknown[:1], *own[1:3], *unknown[1:2], *own[3:5], *unknown[2:], *own[5:])


def _english(prompt: str, lines: Sequence[str]) -> list[Exchange]:
    """Examples of each kind of fact there is, so that each kind of question has a model."""
    found: dict[str, Exchange] = {}
    for line in lines:
        for kind, pattern, question, answer in _KINDS:
            match = pattern.search(line)
            if match and kind not in found:
                named = {name: _lower(value) for name, value in match.groupdict().items()}
                found[kind] = Exchange(
                    question.format(**named), answer.format(line=line, lower=_lower(line)), line
                )
                break
    if name := _NAME.match(prompt.strip()):
        found["name"] = Exchange("Who am I speaking to?", f"This is {name.group(1).strip()}.")
    return list(found.values())


def _plain(lines: Sequence[str], words: Wording) -> list[Exchange]:
    """Two facts asked for by their first words, in languages without patterns."""
    chosen = [lines[0], lines[-1]] if len(lines) > 1 else list(lines)
    return [
        Exchange(words.about.format(subject=_lower(" ".join(line.rstrip(".").split()[:3]))), line)
        for line in chosen
    ]


def _lower(text: str) -> str:
    """`text` as it stands inside a sentence: its first word loses its capital, a name does not."""
    first, _, rest = text.partition(" ")
    is_name = rest[:1].isupper() or not first[1:].islower() or "-" in first[:2]
    is_weekday = text in WORDINGS["en"].weekdays
    if is_weekday or (is_name and first not in _LITTLE):
        return text
    return f"{first[:1].lower()}{text[1:]}"


_LITTLE = frozenset({"A", "An", "At", "In", "On", "Our", "The", "To"})


_NAME = re.compile(r"You are ([A-Z][^.!?\n]{2,90}?)(?:, (?:on the phone|speaking|and )|[.!?\n])")
_PERSON = re.compile(r"\b(?:Doctor|Dr\.?|Captain|Professor|Mrs?\.?|Ms\.?)(?: [A-Z]\w+){1,2}")
_PRICE = re.compile(r" costs? .*(?:\d|dollars?|euros?|pounds?)")
_SUBJECT = r"^(?P<subject>(?:(?! that | which )[^,.]){3,60}?)"
_KINDS: Sequence[tuple[str, re.Pattern[str], str, str]] = (
    (
        "closed",
        re.compile(r"^On (?P<days>\w+day)\b.*\bclosed\b"),
        "Are you open on {days}?",
        "No, {lower}",
    ),
    (
        "price",
        re.compile(rf"{_SUBJECT} costs? .*(?:\d|dollars?|euros?|pounds?)"),
        "How much is {subject}?",
        "{line}",
    ),
    (
        "hours",
        re.compile(r"^On (?P<days>\w+day)\b.*\bopen\b"),
        "What are your hours on {days}?",
        "{line}",
    ),
    (
        # Answered with the hours and neither yes nor no, which a small model gets wrong.
        "visit",
        re.compile(r"^On (?P<days>\w+day)\b.*\bopen\b"),
        "Can I come on {days} at seven?",
        "{line}",
    ),
    (
        "price again",
        re.compile(rf"{_SUBJECT} costs? .*(?:\d|dollars?|euros?|pounds?)"),
        "What do you charge for {subject}?",
        "{line}",
    ),
    (
        "length",
        re.compile(rf"{_SUBJECT} takes? .*(?:minutes?|hours?|days?|weeks?)"),
        "How long does {subject} take?",
        "{line}",
    ),
    (
        "place",
        re.compile(r"\b(?:address|street|avenue|road|square)\b", re.I),
        "Where can I find you?",
        "{line}",
    ),
    (
        "rule",
        re.compile(rf"{_SUBJECT} (?:are|is) (?:accepted|allowed|welcome|possible|included|free)\b"),
        "What about {subject}?",
        "{line}",
    ),
    (
        "refusal",
        re.compile(rf"{_SUBJECT} (?P<verb>are|is) not (?P<done>\w+ed)\b"),
        "Is it true that {subject} {verb} {done}?",
        "No, {lower}",
    ),
)
