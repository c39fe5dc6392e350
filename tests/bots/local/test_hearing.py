"""Silence, noise, loops, cuts and continuations are judged without a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.local.hearing import (
    EARLIEST_CUT_S,
    MAX_PIECE_S,
    RATE_HZ,
    Heard,
    Loudness,
    continuation,
    is_looping,
    is_phantom,
    loudness,
    pieces,
    quietest_cut,
    unlooped,
)

pytestmark = pytest.mark.unit

SPEECH = Loudness(audible_ms=900, spread_db=40.0)
HISS = Loudness(audible_ms=2000, spread_db=1.2)


def noise(duration_s: float, level: float) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.normal(0, level, int(duration_s * RATE_HZ)).astype(np.float32)


def test_digital_and_faint_silence_are_silence() -> None:
    """Zeros, and a line's faint hiss."""
    assert loudness(np.zeros(RATE_HZ, np.float32)).is_silence
    assert loudness(noise(1.0, 0.0005)).is_silence


def test_a_constant_offset_is_not_sound() -> None:
    """A cheap sound card's direct current is no speech."""
    assert loudness(np.full(RATE_HZ, 0.2, np.float32)).is_silence


def test_a_click_is_shorter_than_a_word() -> None:
    """One frame of noise in a second of nothing."""
    samples = np.zeros(RATE_HZ, np.float32)
    samples[8000:8300] = 0.5 * (-1.0) ** np.arange(300)
    assert loudness(samples).is_silence


def test_nothing_at_all_is_silence() -> None:
    """Less than a frame has no level."""
    assert loudness(np.zeros(10, np.float32)).is_silence


def test_a_hiss_is_steady_and_speech_is_not() -> None:
    """Level alone does not tell them apart; its movement does."""
    assert loudness(noise(1.0, 0.05)).is_steady
    swelling = noise(1.0, 0.1) * np.repeat([0.01, 1.0] * 5, RATE_HZ // 10).astype(np.float32)
    assert not loudness(swelling).is_steady


@pytest.mark.parametrize(
    ("heard", "sound"),
    [
        (Heard("You", 0.86, -2.0), HISS),
        (Heard("You", 0.58, -1.98), SPEECH),
        (Heard(". . . .", 0.2, -0.2), SPEECH),
        (Heard("Thank you.", 0.5, -0.5), SPEECH),
        (Heard("Thank you.", 0.1, -0.3), HISS),
        (Heard("I'm your friend.", 0.82, -1.7), SPEECH),
        (Heard("Thanks for watching!", 0.2, -1.0), SPEECH),
    ],
)
def test_what_is_made_up_over_noise_is_dropped(heard: Heard, sound: Loudness) -> None:
    """Measured or typical outputs over fans, breath and clicks."""
    assert is_phantom(heard, sound)


@pytest.mark.parametrize(
    "heard",
    [
        Heard("Thank you.", 0.09, -0.06),
        Heard("Bye.", 0.07, -0.5),
        Heard("You.", 0.08, -0.68),
        Heard("Um.", 0.11, -0.81),
        Heard("Yes.", 0.24, -0.36),
        Heard("2.", 0.22, -0.58),
    ],
)
def test_short_words_really_said_are_kept(heard: Heard) -> None:
    """Measured on synthetic speech, at 16 kHz and as 8 kHz mu-law."""
    assert not is_phantom(heard, SPEECH)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow tomorrow tomorrow tomorrow",
        "I am here. I am here. I am here.",
        "so so so so so so",
        "we can go there we can go there we can go there",
    ],
)
def test_a_stuck_decoder_is_noticed(text: str) -> None:
    """Words and phrases in rounds."""
    assert is_looping(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no no no",
        "5 5 5 5",
        "4 4 7 1, 4 4 7 1, 4 4 7 1",
        "very very good, very very nice",
        "My name is Margaret Johnson and I live in Boston.",
    ],
)
def test_what_people_repeat_is_left_alone(text: str) -> None:
    """Emphasis and digits."""
    assert not is_looping(text)


def test_a_loop_is_cut_to_one_round() -> None:
    """When the second pass loops too, the words before it are kept."""
    stuck = "Please come" + " tomorrow" * 20
    assert unlooped(stuck, 1.5) == "Please come tomorrow"
    assert unlooped("I am here. " * 10, 2.0) == "I am here."


def test_what_fits_in_the_time_was_said() -> None:
    """Four times the same, slowly, is a caller who insists."""
    said = "I am here. I am here. I am here. I am here."
    assert unlooped(said, 6.0) == said
    assert unlooped("no no no", 0.2) == "no no no"


@pytest.mark.parametrize(
    ("said", "joined", "rest"),
    [
        ("Please cancel.", "Please cancel my appointment.", "my appointment."),
        ("We're exact.", "We're exactly where you are", "where you are"),
        ("What time do you open?", "What time do you open on Saturday?", "on Saturday?"),
        ("", "Hello there.", "Hello there."),
        ("Yes.", "Yes.", ""),
        ("Yes.", "", ""),
        ("My board number is", "My order number is 4 4 7 1.", "4 4 7 1."),
    ],
)
def test_only_new_words_follow_a_short_segment(said: str, joined: str, rest: str) -> None:
    """What was shown already is not shown again, misheard or not."""
    assert continuation(said, joined) == rest


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e"])), st.lists(st.sampled_from(["a", "b", "c"]))
)
def test_a_continuation_is_always_an_end_of_what_was_heard(
    said: list[str], joined: list[str]
) -> None:
    """No word is invented or moved."""
    rest = continuation(" ".join(said), " ".join(joined)).split()
    assert rest == joined[len(joined) - len(rest) :]


def test_a_long_utterance_is_cut_in_its_pause() -> None:
    """A pause of 300 ms between 16 s and 28 s is where the cut falls."""
    samples = noise(40.0, 0.2)
    pause = slice(int(21.0 * RATE_HZ), int(21.3 * RATE_HZ))
    samples[pause] = 0
    assert 21.0 * RATE_HZ <= quietest_cut(samples) <= 21.3 * RATE_HZ


@given(st.floats(0.0, 90.0))
def test_pieces_lose_nothing_and_fit_the_model(duration_s: float) -> None:
    """Whatever the length: all samples, in order, in pieces of at most 28 s."""
    samples = np.arange(int(duration_s * RATE_HZ), dtype=np.float32)
    cut = pieces(samples)
    assert np.array_equal(np.concatenate(cut), samples)
    assert all(len(piece) <= MAX_PIECE_S * RATE_HZ for piece in cut)
    assert all(len(piece) >= EARLIEST_CUT_S * RATE_HZ for piece in cut[:-1])
