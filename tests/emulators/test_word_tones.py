"""Speech in tones is read back exactly through everything a call does to audio."""

import fractions
from collections.abc import Callable

import av
import numpy as np
import pytest
import soxr
from pipecat.audio.vad.silero import SileroVADAnalyzer

from emulators.mu_law import to_pcm
from emulators.word_count import count_words
from emulators.word_tones import ToneDecoder, decode, encode, encode_word, word_duration_s
from tests.emulators.telephone import mu_law

pytestmark = pytest.mark.unit

NUMBERS = " ".join(f"w{number}" for number in range(1, 31))
PROSE = "We open on Saturday, at 10:30 — dígame, señor O'Brien! (Is it OK?)"


def heard(pcm: bytes, rate_hz: int) -> list[str]:
    return [word.text for word in decode(pcm, rate_hz) if word.is_whole]


def resample(pcm: bytes, from_hz: int, to_hz: int) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2")
    return soxr.resample(samples, from_hz, to_hz).astype("<i2").tobytes()


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("text", [NUMBERS, PROSE])
def test_words_come_back_as_spelt(rate_hz: int, text: str) -> None:
    """Any rate and any letters, case and punctuation included."""
    assert heard(encode(text, rate_hz), rate_hz) == text.split()


def gain(factor: float) -> Callable[[bytes], bytes]:
    def change(pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, dtype="<i2") * factor
        return np.clip(samples, -32768, 32767).astype("<i2").tobytes()

    return change


def noise(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2")
    hiss = np.random.default_rng(7).normal(0, 300, len(samples))
    return (samples + hiss).astype("<i2").tobytes()


def gaps(pcm: bytes) -> bytes:
    """10 ms of silence put into every 130 ms, mid-word as it comes."""
    size = 2 * 24 * 130
    return b"".join(pcm[at : at + size] + bytes(2 * 240) for at in range(0, len(pcm), size))


@pytest.mark.parametrize("change", [gain(0.03), gain(0.3), gain(4.0), noise, gaps])
def test_loudness_noise_and_gaps_do_no_harm(change: Callable[[bytes], bytes]) -> None:
    """Quiet, clipped, hissing and torn audio says the same words."""
    assert heard(change(encode(NUMBERS, 24_000)), 24_000) == NUMBERS.split()


def test_resampling_down_to_a_telephone_does_no_harm() -> None:
    """24 to 16 to 8 kHz and through mu-law."""
    narrow = resample(resample(encode(NUMBERS, 24_000), 24_000, 16_000), 16_000, 8_000)
    assert heard(narrow, 8_000) == NUMBERS.split()
    assert heard(to_pcm(mu_law(narrow)), 8_000) == NUMBERS.split()


def test_opus_of_a_browser_call_does_no_harm() -> None:
    """Opus at 32 kbit/s, 20 ms a packet."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate, encoder.options = 32_000, {"application": "voip"}
    decoder = av.CodecContext.create("opus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    samples = np.frombuffer(encode(NUMBERS, 48_000) + bytes(9600), dtype="<i2")
    played = []
    for start in range(0, len(samples) - 960, 960):
        piece = samples[start : start + 960].reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, start
        frame.time_base = fractions.Fraction(1, 48_000)
        for packet in encoder.encode(frame):
            played += [out.to_ndarray()[0] for out in decoder.decode(packet)]
    pcm = (np.concatenate(played) * 32767).astype("<i2").tobytes()
    assert heard(pcm, 48_000) == NUMBERS.split()


@pytest.mark.parametrize("cut", [0.1, 0.35, 0.6, 0.85])
def test_a_cut_word_is_a_part_and_its_neighbours_are_whole(cut: float) -> None:
    """The part says how much of the word was heard."""
    middle = encode_word("w22", 24_000)
    middle = middle[: int(len(middle) * cut) & ~1]
    words = decode(encode("w1", 24_000) + middle + encode("w3", 24_000), 24_000)
    assert [word.text for word in words if word.is_whole] == ["w1", "w3"]
    parts = [word for word in words if not word.is_whole]
    assert all(word.fraction == pytest.approx(cut, abs=0.2) for word in parts)
    assert all("w22".startswith(word.text) for word in parts)
    assert len(parts) == (cut > 0.3)


def test_words_of_two_voices_spliced_are_not_mixed_up() -> None:
    """The beginning of one word and the end of another make no third."""
    first, second = encode_word("w11", 16_000), encode_word("w97", 16_000)
    for at in range(1000, len(first), 2 * 149):
        assert not [
            w
            for w in decode(first[:at] + second[at:], 16_000)
            if w.is_whole and w.text not in ("w11", "w97")
        ]


def test_streaming_in_odd_pieces_hears_the_same() -> None:
    """Pieces of any length, odd ones too, change nothing; times go on."""
    pcm = encode(NUMBERS, 16_000)
    decoder = ToneDecoder(16_000)
    words = [w for at in range(0, len(pcm), 333) for w in decoder.feed(pcm[at : at + 333])]
    words += decoder.flush()
    assert [word.text for word in words] == NUMBERS.split()
    spoken_s = 0.0
    for word in words:
        assert word.start_s == pytest.approx(spoken_s, abs=0.03)
        spoken_s += word_duration_s(word.text)
        assert word.end_s == pytest.approx(spoken_s, abs=0.03)


def test_noise_and_silence_have_no_words() -> None:
    """Nothing is heard where nothing was said."""
    hiss = np.random.default_rng(3).normal(0, 3000, 16_000 * 5).astype("<i2").tobytes()
    assert [word for word in decode(hiss, 16_000) if word.is_whole] == []
    assert decode(bytes(32_000), 16_000) == []


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
@pytest.mark.parametrize("text", [NUMBERS, PROSE])
def test_a_voice_activity_detector_takes_it_for_speech(rate_hz: int, text: str) -> None:
    """Silero is sure of it for nine tenths of the time, so turns start and end on it."""
    vad = SileroVADAnalyzer(sample_rate=rate_hz)
    vad.set_sample_rate(rate_hz)
    size = 2 * vad.num_frames_required()
    pcm = encode(text, rate_hz)
    sure = [
        float(np.asarray(vad.voice_confidence(pcm[at : at + size])).ravel()[0]) > 0.7
        for at in range(0, len(pcm) - size, size)
    ]
    assert sum(sure) / len(sure) > 0.9


def test_lost_repeated_and_strange_words_are_counted() -> None:
    """Each kind of harm is told apart; a resumed word is none."""
    script = ["w1", "w2", "w3", "w4"]
    part = encode_word("w3", 16_000)[: 2 * 2400]

    def count(*pieces: bytes):
        return count_words(script, decode(b"".join(pieces), 16_000))

    def say(text: str) -> bytes:
        return encode(text, 16_000)

    assert count(say("w1 w2 w3 w4")).is_exact
    assert count(say("w1 w2 w4")).lost == ("w3",)
    assert count(say("w1 w2 w2 w3 w4")).repeated == ("w2",)
    assert count(say("w1 w2 w9 w3 w4")).strange == ("w9",)
    swapped = count(say("w1 w3 w2 w4"))
    assert (len(swapped.lost), len(swapped.repeated)) == (1, 1)
    resumed = count(say("w1 w2"), part, say("w3 w4"))
    assert resumed.is_exact
    assert [word.text for word in resumed.broken] == ["w3"[: len(resumed.broken[0].text)]]
