"""A bot's `turns`, from its YAML to the policy of its calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bots.load import load_bot
from bots.spec import BotSpec
from bots.turns import PIPECAT_STOP_TIMEOUT_S, WATCH_ROOM_S, build_end_of_turn, stop_timeout_s
from processors.end_of_turn import EndOfTurn
from processors.patience import PATIENCES
from processors.turn_cues import NOTHING, Announces
from tests.fakes.models import FakeModels

pytestmark = pytest.mark.unit


def spec_of(folder: Path, yaml: str) -> BotSpec:
    path = folder / "pirate.yaml"
    path.write_text(f"prompt: You are a pirate.\n{yaml}\n")
    return load_bot(path).spec


def policy_of(folder: Path, yaml: str) -> EndOfTurn:
    """The end-of-turn policy of a call of a bot with those lines."""
    speech: Any = FakeModels().speech
    spec = spec_of(folder, yaml)
    return build_end_of_turn(spec, speech, speech.vad_analyzer())._policy


def after(policy: EndOfTurn, words: str) -> EndOfTurn:
    """A turn with those words and then silence."""
    policy.turn_started()
    policy.speech_started(0.0)
    policy.speech_stopped(1.0)
    policy.transcribed(words, 1.3, is_final=True)
    return policy


@pytest.mark.parametrize("word", ["eager", "normal", "patient"])
def test_a_patience_reaches_the_policy(tmp_path: Path, word: str) -> None:
    """By its word alone."""
    assert policy_of(tmp_path, f"turns: {word}").patience == PATIENCES[word]


def test_the_patiences_wait_differently_for_the_same_pause(tmp_path: Path) -> None:
    """A doubtful pause with plain words, in whole calls' terms: eager, normal, patient."""
    waits_s: list[float] = []
    for word in ("eager", "normal", "patient"):
        policy = after(policy_of(tmp_path, f"turns: {word}"), "on Saturday")
        policy.scored(1.0, 0.2, 1.3)
        silence = policy.silence(1.3)
        assert silence
        waits_s.append(silence.needed_s)
    assert waits_s[0] * 1.5 < waits_s[1] and waits_s[1] * 1.5 < waits_s[2], waits_s


@pytest.mark.parametrize(
    ("yaml", "words", "announces"),
    [
        ("turns: normal", "my number is", Announces.MORE),
        ("turns: {words: false}", "my number is", Announces.NOTHING),
        ("language: es", "mi número es", Announces.MORE),
        ("language: es", "my number is", Announces.NOTHING),
    ],
)
def test_the_words_have_a_say_in_the_language_of_the_bot(
    tmp_path: Path, yaml: str, words: str, announces: Announces
) -> None:
    """Unless `words: false`."""
    silence = after(policy_of(tmp_path, yaml), words).silence(1.4)
    assert (silence.cue if silence else NOTHING).announces is announces


@pytest.mark.parametrize("speculates", [True, False])
def test_answers_are_begun_ahead_where_the_bot_lets_them(tmp_path: Path, speculates: bool) -> None:
    """`speculate: false` spares the requests."""
    assert policy_of(tmp_path, f"turns: {{speculate: {speculates}}}").speculates is speculates


def test_the_watchdog_never_races_the_patience(tmp_path: Path) -> None:
    """Pipecat's own bound, or so much later than the longest wait of the bot."""
    assert stop_timeout_s(spec_of(tmp_path, "turns: eager")) == PIPECAT_STOP_TIMEOUT_S
    slow = spec_of(tmp_path, "turns: {longest: 9s}")
    assert stop_timeout_s(slow) == slow.turns.resolved().longest_of_all_s + WATCH_ROOM_S
