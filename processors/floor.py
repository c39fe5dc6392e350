"""Who has the floor while two may speak at once? A pure policy: events and times in, actions out.

While the bot has the floor, speaking or about to answer, a sound of the caller's is doubted before
it is believed. The bot gets quiet at the first suspicion, pauses when the VAD is sure of speech,
and then words decide, or their absence does:

    caller     "~~~~~~~~~ stop"              "~~~~ mm-hm"              ~ (a cough)
    suspicion   ^                             ^                        ^
    VAD          |-0.16 s--start               |--start    stop        |
    words                     "stop"                  "mm-hm"          (none)
    bot        |Duck......|Pause|Take         |Duck..|Pause.|Resume    |Duck..|Resume

Only Take destroys what the bot had yet to say. While nobody has the floor, speech takes it at once.
While it is barred (a protected utterance, a bot that is never interrupted), words wait and take the
floor when the bar is lifted.
"""

from __future__ import annotations

from typing import Literal

from processors.backchannels import Listener, Worth
from processors.floor_terms import Action, Disregard, Hush, Innocence, Manners, Owner, Reason, Take
from processors.loudness import Loudness
from processors.question import Question
from processors.sounds import CALM_S, PAUSE_AFTER_S, Judge, Promptness, Sound
from processors.volume import Volume

SUSPICIOUS = 0.5
"""The VAD's probability of speech, of one window, from which the bot gets quieter."""
OWED_S = 8.0
"""How long a turn that was not answered yet counts as the bot's floor."""


class Floor:
    """One call's floor. Every method takes the time in seconds, from any clock that only grows.

    Each event returns what to do, in order. Call `tick` at `due_s`, which may change with any
    event; a `due_s` of None means that nothing is waited for.

    Args:
        manners: the bot's.
        listener: judges words in the call's language.
        loudness: the call's levels; fed by `hear`.
    """

    def __init__(
        self,
        manners: Manners | None = None,
        listener: Listener | None = None,
        loudness: Loudness | None = None,
    ) -> None:
        self._manners = manners or Manners()
        self._loudness = loudness or Loudness()
        self._judged_by = Judge(self._manners, listener or Listener(), self._loudness)
        self._is_bot_speaking = False
        self._is_turn_open = False
        self._is_protected = False
        self._has_turn_words = False
        self._is_vad_speaking = False
        self._pending: Literal["bar", "bot"] | None = None
        self._owed_until_s = 0.0
        self._question = Question()
        self._sound: Sound | None = None
        self._past: Sound | None = None
        self._volume = Volume()
        self._promptness = Promptness(self._manners)
        self._now_s = 0.0
        self._judged_s = 0.0
        self._frames = 0

    @property
    def owner(self) -> Owner:
        """Whose floor it is now."""
        if self._is_turn_open:
            return Owner.CALLER
        if self._is_bot_speaking or self._now_s < self._owed_until_s:
            return Owner.BOT
        return Owner.NOBODY

    @property
    def has_pending(self) -> bool:
        """Whether words wait: for the bar to be lifted, or for the bot to be done."""
        return self._pending is not None

    @property
    def is_bot_speaking(self) -> bool:
        """Whether the bot's speech is being heard."""
        return self._is_bot_speaking

    @property
    def is_protected(self) -> bool:
        """Whether what is heard now plays to its end whatever is said."""
        return self._is_protected

    @property
    def is_quiet(self) -> bool:
        """Whether the bot is ducked or paused."""
        return self._volume.is_quiet

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to decide."""
        return min((due_s for due_s in self._deadlines() if due_s > self._judged_s), default=None)

    # The bot

    def bot_started(self, now_s: float) -> list[Action]:
        """The bot's speech begins to be heard."""
        self._is_bot_speaking = True
        self._owed_until_s = 0.0
        return self._judge(now_s)

    def bot_stopped(self, now_s: float) -> list[Action]:
        """The bot's speech is over, or was cut."""
        self._is_bot_speaking = self._is_protected = False
        return self._resume(now_s, "unclear") + self._judge(now_s)

    def bot_said(self, text: str, now_s: float) -> list[Action]:
        """Words of the bot that begin to be heard now."""
        self._question.said(text, now_s)
        return []

    def protect(self, is_on: bool, now_s: float) -> list[Action]:
        """What is heard from here on may not be interrupted, or may again."""
        self._is_protected = is_on
        return (self._resume(now_s, "unclear") if is_on else []) + self._judge(now_s)

    def interrupted(self, now_s: float) -> list[Action]:
        """Somebody else cut the bot off."""
        self._owed_until_s = 0.0
        self._volume.restore()
        # What is protected is played on.
        self._is_bot_speaking &= self._is_protected
        return self._judge(now_s)

    # The caller

    def hear(
        self, confidence: float, caller_dbfs: float, bot_dbfs: float, now_s: float
    ) -> list[Action]:
        """A frame of the caller's audio: the VAD's latest probability of speech, and the levels."""
        self._now_s = now_s
        loudness = self._loudness
        loudness.hear(caller_dbfs, bot_dbfs)
        if self._is_turn_open:
            if self._is_vad_speaking:
                loudness.learn_own()
            return []
        self._frames += 1
        sound = self._sound
        if sound is not None:
            sound.loudest_dbfs = max(sound.loudest_dbfs, loudness.now_dbfs)
        if confidence < SUSPICIOUS or not loudness.is_audible:
            return []
        if sound is None:
            if not self._is_bot_speaking or self._is_barred or loudness.is_foreign:
                return []
            self._sound = Sound(now_s, now_s, loudest_dbfs=loudness.now_dbfs)
        else:
            sound.suspected_s = now_s
            if sound.is_speech and self._frames % 5 == 0:
                sound.is_echo = loudness.is_echo()
        return self._judge(now_s)

    def speech_started(self, now_s: float, start_s: float) -> list[Action]:
        """The VAD is sure of speech, which began `start_s` ago."""
        self._is_vad_speaking = True
        self._promptness.started()
        if self._is_turn_open:
            return []
        sound = self._sound
        if sound is None or sound.stopped_s is not None:
            if sound is not None:
                self._close(sound)
            sound = self._sound = Sound(now_s - start_s, now_s)
            sound.loudest_dbfs = self._loudness.now_dbfs
            sound.is_echo = self._is_bot_speaking and self._loudness.is_echo()
        sound.speech_s = now_s
        return self._judge(now_s)

    def speech_stopped(self, now_s: float) -> list[Action]:
        """The VAD is sure of silence."""
        self._is_vad_speaking = False
        self._promptness.stopped(now_s)
        if self._sound is not None and self._sound.is_speech:
            self._sound.stopped_s = now_s
        return self._judge(now_s)

    def words(self, text: str, now_s: float, *, is_final: bool) -> list[Action]:
        """What the ears make of what the caller says."""
        if self._judged_by.worth(text) is Worth.NOTHING:
            return []
        self._promptness.learn(self._sound, now_s, is_final=is_final)
        if self._is_turn_open:
            self._has_turn_words |= is_final
            return []
        sound = self._sound or self._revived(now_s)
        if sound is None:
            sound = Sound(now_s, now_s, loudest_dbfs=self._loudness.now_dbfs)
        self._sound = sound
        if is_final:
            sound.finals.append(text.strip())
            sound.interim = ""
        else:
            sound.interim = text.strip()
        return self._judge(now_s)

    def key_pressed(self, now_s: float) -> list[Action]:
        """A key of the telephone."""
        if self._is_turn_open or not self._is_bot_speaking or self._is_barred:
            return []
        self._forget()
        return [Hush()]

    def turn_started(self, now_s: float) -> list[Action]:
        """The caller's turn began, by a Take or by somebody else's decision."""
        self._open_turn()
        return []

    def turn_ended(self, now_s: float) -> list[Action]:
        """The caller's turn is over; with words in it, the bot owes an answer."""
        self._is_turn_open = False
        self._judged_s = self._now_s = now_s
        self._owed_until_s = now_s + OWED_S if self._has_turn_words else 0.0
        self._has_turn_words = False
        return []

    def tick(self, now_s: float) -> list[Action]:
        """The time of `due_s` has come."""
        return self._judge(now_s)

    # Judging

    @property
    def _is_barred(self) -> bool:
        return self._is_bot_speaking and (self._is_protected or not self._manners.may_interrupt)

    def _judge(self, now_s: float) -> list[Action]:
        self._judged_s = self._now_s = now_s
        if self._is_turn_open:
            return []
        if self._is_barred:
            return self._wait_at_the_bar(now_s)
        if self._pending == "bar" or (self._pending == "bot" and not self._is_bot_speaking):
            return self._take(now_s, "waited")
        sound = self._sound
        if sound is None:
            return []
        is_unheard = sound.speech_s is None and bool(sound.text)
        if self.owner is Owner.NOBODY and (sound.is_speech or is_unheard):
            return self._take(now_s, "speech")
        if sound.text:
            return self._judge_words(sound, now_s)
        return self._judge_sound(sound, now_s)

    def _judge_words(self, sound: Sound, now_s: float) -> list[Action]:
        innocence = self._judged_by.innocence(sound)
        if innocence is None:
            was_asked = self._question.stands(now_s)
            reason = self._judged_by.why_take(sound, now_s, was_asked=was_asked)
            if reason is not None:
                return self._take(now_s, reason)
        worth = self._judged_by.worth(sound.text)
        if sound.finals:
            if innocence is None and worth > Worth.BACKCHANNEL:
                # Too few words for this bot to stop, and said to it all the same.
                self._judged_by.doubt(sound, now_s)
                if self._judged_by.is_meant(sound):
                    return self._keep(sound, now_s, until="bot")
                return self._let_pass(sound, now_s, "unclear")
            return self._let_pass(sound, now_s, innocence or "backchannel")
        if sound.is_speech or worth > Worth.BACKCHANNEL:
            # More may follow: "yeah, but".
            return self._judge_sound(sound, now_s)
        return self._let_pass(sound, now_s, innocence or "backchannel")

    def _judge_sound(self, sound: Sound, now_s: float) -> list[Action]:
        """A sound without words so far, or without enough."""
        if sound.speech_s is None:
            if now_s >= sound.suspected_s + CALM_S:
                return self._let_pass(sound, now_s, "noise")
            return self._quieten(sound, now_s, may_pause=False)
        if not sound.is_speech:
            assert sound.stopped_s is not None
            if now_s >= sound.stopped_s + self._promptness.words_after_s:
                return self._let_pass(sound, now_s, "noise")
            return []
        innocence = self._judged_by.innocence(sound)
        if innocence is not None:
            return self._resume(now_s, innocence)
        limit_s = self._promptness.wordless_limit_s(is_bot_speaking=self._is_bot_speaking)
        if limit_s is not None and sound.lasted_s >= limit_s and not sound.text:
            return self._take(now_s, "speech")
        if self._volume.is_quiet and now_s >= self._volume.due_s:
            sound.is_spent = True
            return self._resume(now_s, "unclear")
        is_still_heard = now_s < sound.suspected_s + CALM_S
        may_pause = now_s >= sound.speech_s + PAUSE_AFTER_S and is_still_heard
        return self._quieten(sound, now_s, may_pause=may_pause)

    def _wait_at_the_bar(self, now_s: float) -> list[Action]:
        sound = self._sound
        if sound is None or sound.is_speech:
            return []
        if sound.finals:
            innocence = self._judged_by.innocence(sound)
            if innocence is None:
                was_asked = self._question.stands(now_s)
                if self._judged_by.why_take(sound, now_s, was_asked=was_asked) is not None:
                    return self._keep(sound, now_s, until="bar")
                if self._judged_by.is_meant(sound):
                    return self._keep(sound, now_s, until="bot")
            if self._pending is None:
                return self._let_pass(sound, now_s, innocence or "backchannel")
        if sound.stopped_s is None or now_s >= sound.stopped_s + self._promptness.words_after_s:
            self._close(sound)
        return []

    # Acting

    def _quieten(self, sound: Sound, now_s: float, *, may_pause: bool) -> list[Action]:
        if sound.is_spent or not self._is_bot_speaking:
            return []
        actions = self._volume.quieten(sound.after_ms(now_s), now_s, may_pause=may_pause)
        sound.has_paused |= self._volume.is_paused
        return actions

    def _resume(self, now_s: float, reason: Innocence) -> list[Action]:
        return self._volume.resume(self._sound.after_ms(now_s) if self._sound else 0, reason)

    def _keep(self, sound: Sound, now_s: float, *, until: Literal["bar", "bot"]) -> list[Action]:
        """Its words wait for the bar to be lifted, or for the bot to be done."""
        if self._pending != "bar":
            self._pending = until
        actions = self._resume(now_s, "unclear")
        sound.finals.clear()
        if not sound.is_speech:
            self._close(sound)
        return actions

    def _let_pass(self, sound: Sound, now_s: float, reason: Innocence) -> list[Action]:
        """The sound was nothing to stop for."""
        actions: list[Action] = []
        if sound.finals and self._pending is None:
            actions.append(Disregard(sound.after_ms(now_s), " ".join(sound.finals), reason))
        if sound.is_speech:
            # These words came from what was said before it.
            sound.finals.clear()
            return [*actions, *self._judge_sound(sound, now_s)]
        if reason in ("noise", "backchannel") and sound.has_paused:
            self._volume.paused_in_vain()
            sound.has_paused = False  # its words may come again, as a final
        sound.finals.clear()
        actions = [*self._resume(now_s, reason), *actions]
        self._close(sound)
        return actions

    def _take(self, now_s: float, reason: Reason) -> list[Action]:
        after_ms = self._sound.after_ms(now_s) if self._sound else 0
        has_words = bool(self._sound and self._sound.finals) or self.has_pending
        self._open_turn()
        self._has_turn_words = has_words
        return [Take(after_ms, reason)]

    def _open_turn(self) -> None:
        if not self._is_turn_open:
            self._is_turn_open = True
            self._has_turn_words = False
        self._pending = None
        self._volume.believe()
        self._judged_by.believe()
        self._forget()

    def _forget(self) -> None:
        self._sound = self._past = None
        self._volume.restore()
        self._owed_until_s = 0.0

    def _close(self, sound: Sound) -> None:
        """The sound is over; its words may still come."""
        self._past, self._sound = sound, None

    def _revived(self, now_s: float) -> Sound | None:
        past, self._past = self._past, None
        return past if past is not None and past.may_get_words(now_s) else None

    def _deadlines(self) -> list[float]:
        sound = self._sound
        if sound is None or self._is_turn_open:
            return []
        deadlines = sound.deadlines(self._manners.confirm_s, self._promptness.words_after_s)
        if not sound.is_speech:
            return deadlines
        if self._volume.is_quiet:
            deadlines.append(self._volume.due_s)
        limit_s = self._promptness.wordless_limit_s(is_bot_speaking=self._is_bot_speaking)
        return deadlines if limit_s is None else [*deadlines, sound.began_s + limit_s]
