"""A sound from the caller's side while the floor is not theirs, and what it is; processors/floor.py
decides what is done about it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from processors.backchannels import Listener, Worth, has_figure, spoken_words
from processors.floor_terms import Innocence, Manners, Reason
from processors.loudness import SILENCE_DBFS, Loudness
from processors.sounding import nearest, sound_of

CALM_S = 0.12
"""A suspicion that is not renewed for this long was nothing."""
PAUSE_AFTER_S = 0.18
"""From the VAD's start to the pause: a cough and many an "mm-hm" are over by then. Silence then
comes within 1.5 times what Pipecat's VAD takes to be sure."""
SOONEST_WORDS_S, LATEST_WORDS_S = 0.3, 0.6
"""How long after the VAD's stop words may come before the bot goes on. A bot that goes on sooner is
stopped twice; a cough holds it up for so long."""
REVIVED_S = 3.0
"""Words that come this long after a sound are still its words."""
BELIEVED = 2.0
"""Words other than commands are believed of speech that lasts so many times `confirm_s`: a hum is
over by then, and to ears that have half of it a hum is "him", "come on" or "it has"."""
BELIEVED_ALONE = 3.0
"""The same for fewer than MEANT_WORDS: "uh-huh, uh-huh" is long, and misheard as a word or two."""
KEPT = 1.5
"""Final words of speech that lasted but so many times `confirm_s` wait until the bot is done."""
MEANT_WORDS = 3
"""So many are no hum misheard, however fast they were said: they wait, too."""
SAID_AGAIN_S = 4.0
"""Words that nobody could make anything of, and words that sound like them within so long: the
caller says it again, and wants to be heard. Other words may be an echo's next ones."""
WORDLESS_S = 2.0
"""Speech of this length takes the floor without a word, unless the ears have shown that they give
interim transcripts, in which case it never does."""
_LAGS = 5
_SPARE_S = 0.1
"""Beyond the latest of the last finals."""


@dataclass(slots=True)
class Sound:
    """One stretch of something from the caller's side that began while the floor was not theirs."""

    began_s: float
    suspected_s: float
    speech_s: float | None = None
    """When the VAD was sure."""
    stopped_s: float | None = None
    """When the VAD was sure of the silence after it."""
    loudest_dbfs: float = SILENCE_DBFS
    is_echo: bool = False
    finals: list[str] = field(default_factory=list)
    interim: str = ""
    has_paused: bool = False
    is_spent: bool = False
    """The bot has waited for it long enough; only words count now."""

    @property
    def text(self) -> str:
        """Its words so far."""
        return " ".join([*self.finals, self.interim]).strip()

    @property
    def is_speech(self) -> bool:
        """Whether the VAD is sure of speech now."""
        return self.speech_s is not None and self.stopped_s is None

    @property
    def lasted_s(self) -> float:
        """How long it has been speech, without the silence that the VAD waits out."""
        return 0.0 if self.speech_s is None else self.suspected_s - self.began_s

    def may_get_words(self, now_s: float) -> bool:
        """Whether words that come now may still be its own."""
        return self.stopped_s is not None and now_s <= self.stopped_s + REVIVED_S

    def deadlines(self, confirm_s: float, words_after_s: float) -> list[float]:
        """When it is judged anew without an event."""
        if self.speech_s is None:
            return [self.suspected_s + CALM_S]
        if self.stopped_s is not None:
            return [self.stopped_s + words_after_s]
        believed = (self.began_s + times * confirm_s for times in (BELIEVED, BELIEVED_ALONE))
        return [self.speech_s + PAUSE_AFTER_S, *believed]

    def after_ms(self, now_s: float) -> int:
        """How long ago it began."""
        return round((now_s - self.began_s) * 1000)


class Judge:
    """What a sound is, as far as its words, its length and its loudness tell."""

    def __init__(self, manners: Manners, listener: Listener, loudness: Loudness) -> None:
        self._manners = manners
        self._listener = listener
        self._loudness = loudness
        self._doubted: tuple[float, str] | None = None
        """When words were doubted last, and what they sound like."""

    def doubt(self, sound: Sound, now_s: float) -> None:
        """Its final words were said to the bot, perhaps, and it did not stop for them."""
        self._doubted = now_s, sound_of(spoken_words(sound.text))

    def believe(self) -> None:
        """The caller has got the floor."""
        self._doubted = None

    def worth(self, text: str) -> Worth:
        """What words are worth, in the call's language."""
        return self._listener.worth(text)

    def why_take(self, sound: Sound, now_s: float, *, was_asked: bool) -> Reason | None:
        """Why its words take the floor, None where they do not.

        `was_asked`: the bot has just asked, so that "yeah" is an answer.
        """
        worth = self.worth(sound.text)
        if worth is Worth.COMMAND:
            return "command"
        manners = self._manners
        if was_asked:
            return "answer"
        if worth is Worth.BACKCHANNEL:
            is_enough = len(sound.text.split()) >= manners.words
            return "words" if is_enough and not manners.ignores_backchannels else None
        count = self._listener.count(sound.text)
        if count < max(1, manners.words):
            return None
        if sound.finals and (has_figure(sound.text) or self._is_said_again(sound, now_s)):
            return "words"
        if not sound.finals and self._listener.may_become_backchannel(sound.text):
            return None
        believed = BELIEVED if count >= MEANT_WORDS else BELIEVED_ALONE
        return "words" if sound.lasted_s >= believed * manners.confirm_s else None

    def _is_said_again(self, sound: Sound, now_s: float) -> bool:
        if self._doubted is None or now_s > self._doubted[0] + SAID_AGAIN_S:
            return False
        heard, before = sound_of(spoken_words(sound.text)), self._doubted[1]
        return heard == before or nearest(heard, [before]) is not None

    def is_meant(self, sound: Sound) -> bool:
        """Whether final words deserve an answer, even if they were nothing to stop for."""
        count = self._listener.count(sound.text)
        is_long = count >= MEANT_WORDS or sound.lasted_s >= KEPT * self._manners.confirm_s
        return count > 0 and (is_long or sound.speech_s is None)

    def innocence(self, sound: Sound) -> Innocence | None:
        """Why it cannot be the caller speaking to the bot."""
        if sound.is_echo:
            return "echo"
        has_level = sound.speech_s is not None
        return "far" if has_level and self._loudness.is_far(sound.loudest_dbfs) else None


class Promptness:
    """How soon this call's ears have words: whether while they are spoken, and so what speech
    without any means; and how late the last ones come."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._are_early: bool | None = None
        self._stopped_s: float | None = None
        self._lags_s: deque[float] = deque(maxlen=_LAGS)

    def started(self) -> None:
        """The VAD is sure of speech: words that come from here on may be of that."""
        self._stopped_s = None

    def stopped(self, now_s: float) -> None:
        """The VAD was sure of silence: the final words are due."""
        self._stopped_s = now_s

    def learn(self, sound: Sound | None, now_s: float, *, is_final: bool) -> None:
        """Words came, of `sound` if it is still heard."""
        if not is_final:
            self._are_early = True
            return
        if self._are_early is None and sound is not None and sound.lasted_s >= WORDLESS_S / 2:
            self._are_early = False
        if self._stopped_s is not None and now_s <= self._stopped_s + REVIVED_S:
            self._lags_s.append(now_s - self._stopped_s)
        self._stopped_s = None

    @property
    def words_after_s(self) -> float:
        """How long after the VAD's stop words may still come."""
        if not self._lags_s:
            return LATEST_WORDS_S
        return min(max(SOONEST_WORDS_S, max(self._lags_s) + _SPARE_S), LATEST_WORDS_S)

    def wordless_limit_s(self, *, is_bot_speaking: bool) -> float | None:
        """How long speech has to last to take the floor without words; None: it never does."""
        if not is_bot_speaking:
            return KEPT * self._manners.confirm_s
        if self._are_early:
            return None
        return WORDLESS_S if self._are_early is None else 3 * self._manners.confirm_s
