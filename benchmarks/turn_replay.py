"""Replays end-of-turn policies over traces, on audio time: who is cut off, and how long it takes.

Each policy sees what it would see in a call, when it would: the VAD's changes, the model's
verdicts SCORE_S after they are asked for, and the words WORDS_S after the speech. A policy that
ends a turn in a pause has cut the caller off; the turn goes on after it, so that every turn's end
is timed for every policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from benchmarks.turn_traces import VAD_STOP_S, Silence, Trace
from processors.end_of_turn import End, EndOfTurn, Score, Speculate, Wait
from processors.patience import Patience

WORDS_S = 0.3
"""From the last sound to the final words: a streaming recogniser, or the local ears."""
SCORE_S = 0.05
"""What a verdict takes."""
VAD_START_S = 0.2
GIVEN_UP_S = 3.2
"""What a turn that no policy ends within its recording counts as."""
STOCK_SURE = 0.5
STOCK_SILENCE_S = 3.0
"""Pipecat's SmartTurnParams.stop_secs, counted from the VAD's stop."""


@dataclass(slots=True)
class Outcome:
    """How a policy did over some turns."""

    pauses: int = 0
    cut_off: int = 0
    dead_air_s: list[float] = field(default_factory=list)
    """From the caller's last sound to the turn's end, a turn."""
    ahead_s: list[float] = field(default_factory=list)
    """How long before its turn's end the answer that was kept was begun, 0 for none."""
    speculations: int = 0
    wasted: int = 0
    """Speculations thrown away."""

    @property
    def false_cut_offs(self) -> float:
        """The share of pauses in which the caller was cut off."""
        return self.cut_off / self.pauses if self.pauses else 0.0

    @property
    def mean_dead_air_s(self) -> float:
        return sum(self.dead_air_s) / len(self.dead_air_s) if self.dead_air_s else 0.0

    def replies_s(self, brain_s: float) -> list[float]:
        """From each turn's last sound to the first word of a brain that takes `brain_s`."""
        return [
            dead_air_s + max(0.0, brain_s - ahead_s)
            for dead_air_s, ahead_s in zip(self.dead_air_s, self.ahead_s, strict=True)
        ]


Policy = Callable[[Sequence[Trace], Outcome], None]
"""Judges the turns of one call, in order."""


def replay(policy: Policy, traces: Iterable[Trace]) -> Outcome:
    """`policy` over every call of `traces`."""
    outcome = Outcome()
    for _, call in groupby(traces, key=lambda one: (one.set, one.rate_hz, one.call)):
        policy(list(call), outcome)
    return outcome


def _judge(trace: Trace, silence: Silence, end_s: float | None, outcome: Outcome) -> None:
    """Count a silence in which the turn was ended at `end_s`, or was not."""
    if silence.until_s is not None:
        outcome.pauses += 1
        outcome.cut_off += end_s is not None
    elif end_s is not None:
        outcome.dead_air_s.append(max(0.0, end_s - trace.ends_s))


def vad_only(stop_s: float) -> Policy:
    """Ends a turn after `stop_s` of silence, once its words are there."""

    def judge(call: Sequence[Trace], outcome: Outcome) -> None:
        for trace in call:
            for silence in trace.silences:
                end_s = silence.since_s + max(stop_s, WORDS_S)
                onset_s = _onset_s(silence)
                _judge(trace, silence, end_s if end_s < onset_s else None, outcome)

    return judge


def stock(silence_s: float = STOCK_SILENCE_S, sure: float = STOCK_SURE) -> Policy:
    """Pipecat's default: Smart Turn once at the VAD's stop, else `silence_s` of silence."""

    def judge(call: Sequence[Trace], outcome: Outcome) -> None:
        for trace in call:
            for silence in trace.silences:
                is_complete = bool(silence.scores) and silence.scores[0][1] > sure
                wait_s = SCORE_S if is_complete else silence_s
                end_s = silence.since_s + max(VAD_STOP_S + wait_s, WORDS_S)
                until_s = silence.until_s or float("inf")
                _judge(trace, silence, end_s if end_s < until_s else None, outcome)

    return judge


def offhook(patience: Patience, *, has_words: bool = True, speculates: bool = True) -> Policy:
    """Offhook's own policy, the very object that a call runs."""

    def judge(call: Sequence[Trace], outcome: Outcome) -> None:
        turn = EndOfTurn(
            patience=patience,
            speculates=speculates,
            language=call[0].language if has_words else "",
            is_telephone=call[0].rate_hz == 8000,
        )
        for number, trace in enumerate(call):
            _run(turn, trace, number * 1000.0, outcome)

    return judge


def _run(turn: EndOfTurn, trace: Trace, base_s: float, outcome: Outcome) -> None:
    """One turn of the call, which begins at `base_s` of the call's clock."""
    heard = heard_before = ""
    is_open = False
    for index, silence in enumerate(trace.silences):
        onset_s = base_s + (
            silence.since_s - 0.5 if index == 0 else _onset_s(trace.silences[index - 1])
        )
        if not is_open:
            turn.turn_started()
            heard_before = heard
            is_open = True
        turn.speech_started(onset_s)
        turn.speech_stopped(base_s + silence.since_s)
        new = _new_words(heard_before, silence.text)
        end_s = _end_s(turn, silence, base_s, _new_words(turn.text, new), outcome)
        heard = silence.text
        is_open = end_s is None
        _judge(trace, silence, None if end_s is None else end_s - base_s, outcome)
    if is_open:
        outcome.dead_air_s.append(GIVEN_UP_S)
        outcome.ahead_s.append(0.0)
        turn.turn_ended()


def _end_s(
    turn: EndOfTurn, silence: Silence, base_s: float, words: str, outcome: Outcome
) -> float | None:
    """When the policy ends the turn in this silence, having acted on all that it asked for."""
    since_s = base_s + silence.since_s
    until_s = float("inf") if silence.until_s is None else base_s + silence.until_s
    begun_s: float | None = None
    events: list[tuple[float, str, float]] = [(since_s + WORDS_S, "words", 0.0)]
    for from_s, to_s in silence.suspected_s:
        events += [(base_s + from_s, "suspected", 0.0), (base_s + to_s, "dropped", 0.0)]
    now_s = since_s + VAD_STOP_S
    while now_s < until_s:
        decision = turn.decide(now_s)
        while isinstance(decision, Score | Speculate):
            if isinstance(decision, Score):
                events.append((now_s + SCORE_S, "scored", _score_at(silence, now_s - since_s)))
            else:
                outcome.speculations += 1
                begun_s = now_s
            decision = turn.decide(now_s)
        if isinstance(decision, End):
            outcome.wasted += turn.withdrawn
            if silence.until_s is None:
                is_kept = decision.confirms and begun_s is not None
                outcome.ahead_s.append(now_s - begun_s if is_kept and begun_s else 0.0)
            turn.turn_ended()
            return now_s
        events.sort()
        due_s = decision.until_s if isinstance(decision, Wait) else None
        if events and (due_s is None or events[0][0] <= due_s):
            now_s, kind, value = events.pop(0)
            if now_s >= until_s:
                break
            if kind == "scored":
                turn.scored(since_s, value, now_s)
            elif kind == "words":
                turn.transcribed(words, now_s, is_final=True)
            else:
                turn.speech_suspected(kind == "suspected")
        elif due_s is not None:
            now_s = max(due_s, now_s + 1e-6)
        else:
            break
    return None


def _onset_s(silence: Silence) -> float:
    """When the caller spoke on, in a silence's own time."""
    return float("inf") if silence.until_s is None else silence.until_s - VAD_START_S


def _score_at(silence: Silence, after_s: float) -> float:
    """The last verdict on no more silence than there was."""
    known = [probability for at_s, probability in silence.scores if at_s <= after_s + 0.02]
    return known[-1] if known else (silence.scores[0][1] if silence.scores else 0.5)


def _new_words(before: str, text: str) -> str:
    """What `text` has that was not said before it."""
    words, old = text.split(), len(before.split())
    return " ".join(words[old:]) if len(words) > old else ""


def by_set(traces: Iterable[Trace]) -> Iterator[tuple[tuple[str, int, bool], list[Trace]]]:
    """The traces of each set and rate."""
    for key, some in groupby(traces, key=lambda one: (one.set, one.rate_hz, one.is_tuned)):
        yield key, list(some)
