"""The default voice: real samples, read back by the real ears."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bots.local.hibari import mark_letters
from bots.local.polish import gain_for, pause_ms
from tests.bots.local import readback

A = "[A](/ˈA/)"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("A B, four four seven one", f"{A} B, four four seven one"),
        ("Code A, four", f"Code {A}, four"),
        ("B A, one", f"B {A}, one"),
        ("Room four A is free", f"Room four {A} is free"),
        ("A room is free", "A room is free"),
        ("a dog, A's", "a dog, A's"),
        ("nine AM", "nine AM"),
    ],
)
def test_the_letter_a_is_told_from_the_article(words: str, marked: str) -> None:
    """Spelled out it is "ay", before a noun it stays "uh"."""
    assert mark_letters(words) == marked


# What is written, and what must be found in what was heard.
SENTENCES = [
    ("Your confirmation code is AB-4471.", r"AB\W*4\W*4\W*7\W*1"),
    ("Call us at 555-123-4567.", r"555\W*123\W*4567"),
    ("We open at 9:30 am on Monday.", r"9[.: ]30 ?a\.?m"),
    ("We close at 5 p.m. on Friday.", r"(5|five) ?p\.?m"),
    ("Your table is for 8:00 tonight.", r"8 o.?clock"),
    ("We are open 9-5.", r"(9|nine) to (5|five)"),
    ("The cleaning costs $12.50.", r"\$12\.50"),
    ("It is $1,250 in total.", r"\$1,?250"),
    ("It costs between $10-20.", r"\$?10.* and \$?20"),
    ("That is 15% off.", r"15 ?(%|percent)"),
    ("It starts on March 3, 2026.", r"March (3|third)\w*,? 2026"),
    ("It was built in 1999.", r"1999"),
    ("Write to info@bloomdental.com.", r"info at bloom ?dental ?(\.|dot) ?com"),
    ("It is 5 km from here.", r"(5|five) (kilometer|km)"),
    ("The room is number 204.", r"204"),
    ("You are 3rd in line.", r"(third|3rd)"),
    ("It takes 2 1/2 hours.", r"(two and a half|2\.5|2 1/2)"),
    ("The temperature is 20°C.", r"20 ?(degrees Celsius|°C)"),
    ("Your order number is 104823.", r"104,?.?823"),
    ("We are at 221 Baker St.", r"221 Baker (Street|St)"),
]


@pytest.mark.alone
@pytest.mark.call
async def test_figures_are_heard_as_they_were_written() -> None:
    """Twenty sentences, spoken and transcribed: every figure arrives."""
    said = await readback.heard(readback.load("heart"), [text for text, _ in SENTENCES])
    missed = [
        f"{text!r} was heard as {heard!r}"
        for (text, wanted), heard in zip(SENTENCES, said, strict=True)
        if not re.search(wanted, heard, re.IGNORECASE)
    ]
    assert not missed


@pytest.mark.alone
@pytest.mark.call
async def test_the_voice_is_level_and_starts_at_once() -> None:
    """The common loudness, no silence in front, the pause of a sentence behind."""
    voice = readback.load("heart")
    pcm = await voice.synthesize("Yes, we are open.")
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32767)
    assert abs(20 * np.log10(gain_for(samples, voice.sample_rate_hz))) < 3
    first = np.flatnonzero(np.abs(samples) > 0.02)[0] / voice.sample_rate_hz
    assert first < 0.08
    assert not samples[-voice.sample_rate_hz * pause_ms(".") // 1000 :].any()


@pytest.mark.alone
@pytest.mark.call
async def test_the_same_words_sound_the_same() -> None:
    """Nothing random: a recorded call can be rendered again."""
    voice = readback.load("heart")
    assert await voice.synthesize("Good morning.") == await voice.synthesize("Good morning.")
