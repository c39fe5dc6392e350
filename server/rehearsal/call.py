"""One rehearsed call: a caller who speaks in tones, and the words that come back, counted."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bots.local.models import LocalModels
from bots.session import BotSession
from bots.spec import BotSpec
from bots.wav import Samples, WavTransport
from emulators.outages import Outage
from emulators.script import numbered_reply
from emulators.word_count import count_words
from emulators.word_tones import ToneDecoder, ToneWord, encode
from server.rehearsal.cast import Cast, Role, staged

CALLER_WORDS = tuple(f"w{number}" for number in range(901, 909))
CALLER_HZ = 16_000
LEAD_S = 0.4
"""Of silence before the caller speaks, as somebody who has just been put through."""

SETTLE_S = 0.6
"""After the whole answer, for words that come twice."""
QUIET_S = 4.0
"""A bot that has sounded and is silent for so long has said all it had."""
NOTHING_S = 12.0
"""A bot that has not sounded so long after the caller's turn is not going to."""
_TURNS = 3
_SOUND_DBFS = -50.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller heard. Times are in s after the caller's last word.

    Attributes:
        first_s: when the bot's first sound came; None when none did.
        last_s: when the answer was complete; None when it never was.
        lost: words of the caller that no model was told, and of the answer that were not heard.
        repeated: the same words, once too often.
        switches: `kind to provider`, in order.
        other: what was heard instead of an answer: a last resort, an apology.
    """

    first_s: float | None
    last_s: float | None
    lost: int
    repeated: int
    switches: tuple[tuple[str, str], ...]
    other: str

    @property
    def is_answered(self) -> bool:
        """Whether all of both sides was heard."""
        return self.last_s is not None and self.lost == 0


async def rehearse(
    spec: BotSpec, cast: Cast, models: LocalModels, failing: list[tuple[Role, Outage]]
) -> Outcome:
    """One call of `spec` in which the roles in `failing` fail.

    Raises:
        OffhookError: the call cannot start.
    """
    async with staged(cast) as stage:
        for role, outage in failing:
            stage.fail(role, outage)
        transport = ListeningTransport()
        session = BotSession(
            session_id=secrets.token_hex(8),
            spec=stage.spec(spec),
            transport=transport,
            transport_name="wav",
            models=models,
        )
        caller = _caller()
        transport.say(caller)
        running = asyncio.create_task(session.run())
        listening = asyncio.create_task(_listen(transport, len(caller) / CALLER_HZ))
        await asyncio.wait({running, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if not running.done():
            await transport.hang_up()
        record = await running
        questions = [json.dumps(body) for body in stage.asked("llm")]
    switches = tuple((one.stage, one.to_name) for one in record.switches)
    return outcome(transport, len(caller) / CALLER_HZ, questions, switches)


def outcome(
    transport: ListeningTransport,
    stopped_s: float,
    questions: Sequence[str],
    switches: tuple[tuple[str, str], ...],
) -> Outcome:
    """What a call came to; `questions` are those that models were asked, as JSON.

    A model may also be probed, without a word of the caller's.
    """
    script = transport.script
    answer = count_words(script, transport.words)
    told = [question for question in questions if CALLER_WORDS[0][:2] in question]
    of_caller = [re.findall(rf"\b{word}\b", told[-1] if told else "") for word in CALLER_WORDS]
    whole = [word for word in transport.words if word.is_whole]
    # Asked about a turn that nobody heard, a model asks back: that is no answer.
    is_complete = not answer.lost and any(of_caller)
    return Outcome(
        first_s=_after(transport.first_s, stopped_s),
        last_s=_after(max(word.end_s for word in whole), stopped_s) if is_complete else None,
        lost=len(answer.lost) + sum(not found for found in of_caller),
        repeated=len(answer.repeated) + sum(max(0, len(found) - 1) for found in of_caller),
        switches=switches,
        other=" ".join(answer.strange) if not is_complete else "",
    )


class ListeningTransport(WavTransport):
    """A WAV caller who reads the tones of what is heard as it comes."""

    def __init__(self) -> None:
        super().__init__(in_sample_rate_hz=CALLER_HZ)
        self.words: list[ToneWord] = []
        self.first_s: float | None = None
        self._decoder: ToneDecoder | None = None
        self._decoded_s = 0.0

    @property
    def script(self) -> list[str]:
        """The words of the answer under way: that of the last turn of which any was heard."""
        heard = {word.text for word in self.words}
        replies = [numbered_reply(turn).split() for turn in range(_TURNS)]
        begun = [reply for reply in replies if heard.intersection(reply)]
        return begun[-1] if begun else replies[0]

    @property
    def is_answered(self) -> bool:
        """Whether the answer has been heard to its last word."""
        return self.script[-1] in {word.text for word in self.words if word.is_whole}

    def heard(self, starts_s: float, samples: Samples) -> None:
        """Keep it, and read it in its place."""
        super().heard(starts_s, samples)
        rate_hz = self.out_sample_rate_hz
        if self._decoder is None:
            self._decoder = ToneDecoder(rate_hz)
        silence = bytes(2 * max(0, round((starts_s - self._decoded_s) * rate_hz)))
        pcm = silence + samples.tobytes()
        self.words += self._decoder.feed(pcm)
        self._decoded_s += len(pcm) / 2 / rate_hz
        if self.first_s is None and _is_sound(samples):
            self.first_s = starts_s


def _is_sound(samples: Samples) -> bool:
    power = float(np.mean((samples / 32768.0) ** 2)) if len(samples) else 0.0
    return power > 10 ** (_SOUND_DBFS / 10)


async def _listen(transport: ListeningTransport, stopped_s: float) -> None:
    """Until the caller knows what became of the call."""
    while True:
        await asyncio.sleep(0.05)
        now_s = transport.clock.now_s
        last_s = transport.last_heard_s if transport.first_s is not None else None
        if last_s is None:
            if now_s > stopped_s + NOTHING_S:
                return
        elif now_s > last_s + (SETTLE_S if transport.is_answered else QUIET_S):
            return


def _caller() -> Samples:
    silence = np.zeros(round(LEAD_S * CALLER_HZ), np.int16)
    said = np.frombuffer(encode(" ".join(CALLER_WORDS), CALLER_HZ), np.int16)
    return np.concatenate([silence, said])


def _after(at_s: float | None, stopped_s: float) -> float | None:
    return None if at_s is None else at_s - stopped_s
