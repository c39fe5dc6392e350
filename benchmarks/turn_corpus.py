"""Labelled turns for benchmarks/turns.py: where each begins, pauses and ends is known, not judged.

Recorded prompts are finished where their transcript ends in a stop; cut at a word boundary and
continued after a pause they are unfinished there. Dictated numbers, addresses and spellings come
from the local voices, group by group. Everything is on audio time: PCM s16, mono, 8 or 16 kHz.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import onnxruntime
import soxr
from faster_whisper.tokenizer import Tokenizer
from numpy.typing import NDArray
from ruamel.yaml import YAML

from bots.local.speakable import speakable
from bots.local.voices import find_voice, load_voice
from bots.local.weights import ensure
from bots.local.whisper import WhisperEars

CONFIGURATION = Path(__file__).with_suffix("").parent / "turns.yaml"
SOUNDS = Path("/usr/share/asterisk/sounds")
TRANSCRIPTS = "/usr/share/doc/asterisk-core-sounds-{0}/core-sounds-{0}.txt.gz"
LEAD_S, TAIL_S = 0.7, 3.6

Pcm = NDArray[np.int16]
Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a caller. Times are seconds from the start of `pcm`."""

    set: str
    """Where it is from: `prompts en`, `sentences joe`, `dictated heart`, ..."""
    is_tuned: bool
    """Whether its set was looked at while knobs were chosen."""
    language: str
    rate_hz: int
    key: str
    call: int
    """Which caller of the set."""
    text: str
    pcm: Pcm
    starts_s: float
    pauses: tuple[tuple[float, float], ...]
    """Where the caller falls silent and goes on; the last sample of speech to the next first."""
    ends_s: float
    """The last sample of speech."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a turn is made of: the groups, between which the caller pauses."""

    set: str
    is_tuned: bool
    language: str
    rate_hz: int
    key: str
    text: str
    groups: tuple[Sound, ...]


def load_configuration(path: Path = CONFIGURATION) -> dict[str, Any]:
    return YAML(typ="safe").load(path)


def build_corpus(configuration: dict[str, Any]) -> Iterator[Turn]:
    """Every turn of every set, in calls of a few turns each, the same on every run."""
    by_set: dict[tuple[str, int], list[_Said]] = {}
    for said in [*_prompts(configuration), *_spoken(configuration)]:
        by_set.setdefault((said.set, said.rate_hz), []).append(said)
    for (name, rate_hz), all_said in by_set.items():
        # One seed a set, whatever the rate: 8 and 16 kHz have the same turns and pauses.
        luck = np.random.default_rng([configuration["seed"], *name.encode()])
        order = luck.permutation(len(all_said))
        for place, index in enumerate(order):
            call = place // configuration["call_turns"]
            pace = configuration["paces"][call % len(configuration["paces"])]
            yield _turn(all_said[index], call, pace, configuration, luck, rate_hz)


def _turn(
    said: _Said,
    call: int,
    pace: float,
    configuration: dict[str, Any],
    luck: np.random.Generator,
    rate_hz: int,
) -> Turn:
    pause = configuration["pause"]
    parts: list[Sound] = [np.zeros(round(LEAD_S * rate_hz), np.float32)]
    at = len(parts[0])
    pauses: list[tuple[float, float]] = []
    for index, group in enumerate(said.groups):
        if index:
            drawn_s = float(luck.lognormal(np.log(pause["median_s"] * pace), pause["sigma"]))
            silence = np.zeros(
                round(float(np.clip(drawn_s, pause["shortest_s"], pause["longest_s"])) * rate_hz),
                np.float32,
            )
            pauses.append((at / rate_hz, (at + len(silence)) / rate_hz))
            parts.append(silence)
            at += len(silence)
        parts.append(group)
        at += len(group)
    parts.append(np.zeros(round(TAIL_S * rate_hz), np.float32))
    sound = np.concatenate(parts)
    loud = np.concatenate(said.groups)
    active = loud[np.abs(loud) > 0.02 * np.abs(loud).max()]
    sound *= 10 ** (configuration["level_dbfs"] / 20) / float(np.sqrt((active**2).mean()))
    is_telephone = rate_hz == 8000
    noise_dbfs = configuration["noise_dbfs"] + (10 if is_telephone else 0)
    hiss = np.random.default_rng(len(sound)).normal(0, 10 ** (noise_dbfs / 20), len(sound))
    sound = np.clip(sound + hiss, -1, 1).astype(np.float32)
    pcm = (_mu_law(sound) * 32767).astype(np.int16)
    return Turn(
        set=said.set,
        is_tuned=said.is_tuned,
        language=said.language,
        rate_hz=said.rate_hz,
        key=said.key,
        call=call,
        text=said.text,
        pcm=pcm if is_telephone else (sound * 32767).astype(np.int16),
        starts_s=LEAD_S,
        pauses=tuple(pauses),
        ends_s=at / rate_hz,
    )


def _mu_law(sound: Sound) -> Sound:
    """Through the telephone's 8 bits and back."""
    coded = np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256)
    coded = np.round((coded + 1) / 2 * 255) / 255 * 2 - 1
    return (np.sign(coded) * (256 ** np.abs(coded) - 1) / 255).astype(np.float32)


def trimmed(sound: Sound, rate_hz: int) -> Sound:
    """From the first to the last 10 ms within 38 dB of the loudest."""
    width = rate_hz // 100
    frames = sound[: len(sound) // width * width].reshape(-1, width)
    levels = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(levels > levels.max() * 10 ** (-38 / 20))
    return sound[loud[0] * width : (loud[-1] + 1) * width]


# Recorded prompts


def _prompts(configuration: dict[str, Any]) -> Iterator[_Said]:
    ears = WhisperEars.load(ensure(["whisper-base"])["whisper-base"], "en")
    try:
        for language, wanted in configuration["prompts"].items():
            texts = dict(_transcripts(language, SOUNDS / wanted["folder"]))
            # Spread over the list, which is in alphabetical order, and not its beginning.
            finished = _spread(texts, wanted["finished"])
            long = {key: text for key, text in texts.items() if len(text.split()) >= 6}
            luck = np.random.default_rng([configuration["seed"], *language.encode()])
            cuts = [key for _ in range(3) for key in _spread(long, len(long))][: wanted["cut"]]
            where = [float(luck.uniform(0.25, 0.8)) for _ in cuts]
            ends_s: dict[str, list[float]] = {}
            for rate_hz, kind in ((16000, "g722"), (8000, "wav")):
                sounds = {
                    key: trimmed(_decode(SOUNDS / wanted["folder"] / f"{key}.{kind}"), rate_hz)
                    for key in {*finished, *cuts}
                }
                about = ("prompts " + language, wanted["tuned"], language, rate_hz)
                for key in finished:
                    yield _Said(*about, key, texts[key], (sounds[key],))
                for number, (key, share) in enumerate(zip(cuts, where, strict=True)):
                    if key not in ends_s:
                        ends_s[key] = _word_ends_s(sounds[key], texts[key], ears, language)
                    first, rest = _cut(sounds[key], rate_hz, ends_s[key], share)
                    yield _Said(*about, f"{key}/{number}", texts[key], (first, rest))
    finally:
        ears.close()


def _spread(texts: Iterable[str], count: int) -> list[str]:
    keys = list(texts)
    step = max(1.0, len(keys) / count)
    return [keys[int(index * step)] for index in range(min(count, len(keys)))]


def _transcripts(language: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Single sentences that end in a stop: `key: text`, one a line."""
    with gzip.open(TRANSCRIPTS.format(language), "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            key, _, text = line.partition(":")
            text = text.strip(' "“”\n')
            is_there = (folder / f"{key}.g722").exists() and (folder / f"{key}.wav").exists()
            has_one_stop = re.fullmatch(r"[^.!?…\[(<]+[.!?]", text) is not None
            if is_there and has_one_stop and 3 <= len(text.split()) <= 25:
                yield key, text


def _decode(path: Path) -> Sound:
    with av.open(str(path), format="g722" if path.suffix == ".g722" else None) as file:
        frames = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
    return (np.concatenate(frames) / 32768).astype(np.float32)


def _cut(sound: Sound, rate_hz: int, ends_s: list[float], share: float) -> tuple[Sound, Sound]:
    """The prompt in two, at the word boundary nearest to `share` of its words."""
    index = min(max(2, round(share * len(ends_s))), len(ends_s) - 1)
    # An aligner is off by tens of milliseconds: the quietest place nearby is the boundary.
    width = rate_hz // 100
    centre = round(ends_s[index - 1] * 100)
    levels = np.sqrt(np.convolve(sound**2, np.ones(width) / width, "same"))[::width]
    low, high = max(5, centre - 8), min(len(levels) - 5, centre + 9)
    at = (low + int(np.argmin(levels[low:high]))) * width if low < high else len(sound) // 2
    fade = np.linspace(1, 0, rate_hz // 66, dtype=np.float32)
    first, rest = sound[:at].copy(), sound[at:].copy()
    first[-len(fade) :] *= fade
    rest[: len(fade)] *= fade[::-1]
    return first, rest


def _word_ends_s(sound: Sound, text: str, ears: WhisperEars, language: str) -> list[float]:
    """Where each word of the known text ends, by Whisper's attention; `sound` at 16 kHz."""
    model = ears._engine.model
    tokenizer = Tokenizer(model.hf_tokenizer, True, task="transcribe", language=language)
    features = model.feature_extractor(sound, padding=160)[:, :3000]
    frames = features.shape[-1]
    room = min(3000, max(1200, frames + 400) // 2 * 2)
    padded = np.pad(features, ((0, 0), (0, room - frames)))
    # It takes a list of texts, each of tokens, whatever its annotation says.
    tokens = cast(list[int], [tokenizer.encode(text)])
    found = model.find_alignment(tokenizer, tokens, model.encode(padded), frames)
    return [word["end"] for word in found[0] if re.search(r"\w", word["word"])]


# The local voices


def _spoken(configuration: dict[str, Any]) -> Iterator[_Said]:
    for name, wanted in configuration["spoken"].items():
        language = wanted["language"]
        entry = find_voice(language, name)
        folder = ensure(entry.weights)[entry.weights[0]] if entry.weights else None
        model = load_voice(entry, folder)._model  # type: ignore[attr-defined]
        for kind in ("sentences", "dictated"):
            for number, line in enumerate(configuration[kind][language]):
                groups: list[Sound] = []
                for group in line.split("|"):
                    words = speakable(group.strip(), language)
                    groups.append(
                        trimmed(model.render(words, onnxruntime.RunOptions()), model.sample_rate_hz)
                    )
                text = " ".join(line.replace("|", " ").split())
                for rate_hz in (16000, 8000):
                    yield _Said(
                        f"{kind} {name}", wanted["tuned"], language, rate_hz, str(number), text,
                        tuple(soxr.resample(one, model.sample_rate_hz, rate_hz) for one in groups),
                    )  # fmt: skip
