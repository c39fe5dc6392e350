"""Sounds of a body, a desk and a room, made from noise and tones: none of them is a word."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from benchmarks.clips import RATE_HZ


def cough(rng: np.random.Generator) -> NDArray[np.float64]:
    """One to three bursts of noise through a throat."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        length = int(RATE_HZ * rng.uniform(0.12, 0.3))
        decay = np.exp(-np.arange(length) / (length * rng.uniform(0.2, 0.45)))
        parts += [_throat(rng.normal(0, 1, length), rng) * decay, np.zeros(int(0.12 * RATE_HZ))]
    return np.concatenate(parts)


def throat(rng: np.random.Generator) -> NDArray[np.float64]:
    """A throat cleared: a low, rough voice for half a second."""
    length = int(RATE_HZ * rng.uniform(0.3, 0.6))
    pitch = 70 + 20 * np.cumsum(rng.normal(0, 0.02, length))
    pulses = np.diff(np.floor(np.cumsum(pitch / RATE_HZ)), prepend=0)
    return _throat(pulses + rng.normal(0, 0.08, length), rng) * np.hanning(length)


def breath(rng: np.random.Generator) -> NDArray[np.float64]:
    """A breath into the microphone."""
    length = int(RATE_HZ * rng.uniform(0.4, 1.2))
    return lfilter([1], [1, -0.9], rng.normal(0, 1, length)) * np.hanning(length)


def click(rng: np.random.Generator) -> NDArray[np.float64]:
    """A mouse, a pen, a lip."""
    length = int(RATE_HZ * 0.03)
    return np.pad(
        rng.normal(0, 1, length) * np.exp(-np.arange(length) / rng.uniform(20, 90)), (0, 800)
    )


def taps(rng: np.random.Generator) -> NDArray[np.float64]:
    """Typing beside the microphone."""
    out = np.zeros(int(RATE_HZ * rng.uniform(0.8, 2.0)))
    at = 0
    while at < len(out) - 1600:
        stroke = click(rng)[:480] * rng.uniform(0.3, 1)
        out[at : at + len(stroke)] += stroke
        at += int(RATE_HZ * rng.uniform(0.07, 0.25))
    return out


def knock(rng: np.random.Generator) -> NDArray[np.float64]:
    """A door, a cup put down: a struck body that rings."""
    length = int(RATE_HZ * rng.uniform(0.15, 0.4))
    at = np.arange(length) / RATE_HZ
    tones = (np.sin(2 * np.pi * rng.uniform(80, 900) * at) for _ in range(4))
    return sum(tones, np.zeros(length)) * np.exp(-at * rng.uniform(12, 30))


def hum(rng: np.random.Generator) -> NDArray[np.float64]:
    """A fan or a lorry going by."""
    length = int(RATE_HZ * rng.uniform(1.0, 2.5))
    at = np.arange(length) / RATE_HZ
    mains = np.sin(2 * np.pi * 50 * rng.integers(1, 5) * at)
    return (mains + lfilter([1], [1, -0.98], rng.normal(0, 0.3, length))) * np.hanning(length)


def _throat(source: Any, rng: np.random.Generator) -> Any:
    """The resonances of a mouth that says nothing."""
    for hz, width_hz in ((rng.uniform(500, 900), 150), (rng.uniform(1100, 1900), 250)):
        r = np.exp(-np.pi * width_hz / RATE_HZ)
        source = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hz / RATE_HZ), r * r], source)
    return source


def sneeze(rng: np.random.Generator) -> NDArray[np.float64]:
    """Air drawn in, and let out at once."""
    drawn = breath(rng)[: int(RATE_HZ * rng.uniform(0.2, 0.4))] * 0.2
    length = int(RATE_HZ * rng.uniform(0.15, 0.35))
    burst = lfilter([1, -0.9], [1], rng.normal(0, 1, length))
    return np.concatenate([drawn, burst * np.exp(-np.arange(length) / (length * 0.3))])


def sniff(rng: np.random.Generator) -> NDArray[np.float64]:
    """One to three short breaths through the nose."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        length = int(RATE_HZ * rng.uniform(0.08, 0.2))
        hiss = lfilter([1, -0.95], [1], rng.normal(0, 1, length)) * np.hanning(length)
        parts += [hiss, np.zeros(int(RATE_HZ * rng.uniform(0.1, 0.3)))]
    return np.concatenate(parts)


def bark(rng: np.random.Generator) -> NDArray[np.float64]:
    """A dog: a rough voice that falls, once to three times."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        length = int(RATE_HZ * rng.uniform(0.12, 0.22))
        pitch = np.linspace(rng.uniform(350, 600), rng.uniform(150, 300), length)
        pulses = np.diff(np.floor(np.cumsum(pitch / RATE_HZ)), prepend=0)
        voice = _throat(pulses + rng.normal(0, 0.15, length), rng) * np.hanning(length)
        parts += [voice, np.zeros(int(RATE_HZ * rng.uniform(0.15, 0.4)))]
    return np.concatenate(parts)


def rustle(rng: np.random.Generator) -> NDArray[np.float64]:
    """Paper, or a sleeve on the microphone."""
    length = int(RATE_HZ * rng.uniform(0.5, 1.5))
    steps = rng.uniform(0, 1, length // 400 + 1) ** 3
    return lfilter([1, -0.8], [1], rng.normal(0, 1, length)) * np.repeat(steps, 400)[:length]


def squeak(rng: np.random.Generator) -> NDArray[np.float64]:
    """A chair or a door: a tone that glides, and its harmonics."""
    length = int(RATE_HZ * rng.uniform(0.2, 0.8))
    begins_hz, ends_hz = rng.uniform(300, 1400, 2)
    hz = np.linspace(begins_hz, ends_hz, length) + 30 * np.cumsum(rng.normal(0, 0.1, length))
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    return sum((np.sin(n * phase) / n for n in (1, 2, 3)), np.zeros(length)) * np.hanning(length)


def ring(rng: np.random.Generator) -> NDArray[np.float64]:
    """Another telephone: two tones, struck 20 times a second."""
    at_s = np.arange(int(RATE_HZ * rng.uniform(0.6, 1.5))) / RATE_HZ
    low_hz, high_hz = rng.uniform(400, 700), rng.uniform(750, 1500)
    tones = np.sin(2 * np.pi * low_hz * at_s) + np.sin(2 * np.pi * high_hz * at_s)
    return tones * (0.6 + 0.4 * np.sin(2 * np.pi * 20 * at_s))


def clatter(rng: np.random.Generator) -> NDArray[np.float64]:
    """Cutlery: small struck bodies in a heap."""
    out = np.zeros(int(RATE_HZ * rng.uniform(0.5, 1.2)))
    for _ in range(rng.integers(4, 12)):
        at_s = np.arange(int(0.08 * RATE_HZ)) / RATE_HZ
        struck = np.sin(2 * np.pi * rng.uniform(1500, 6000) * at_s) * np.exp(-at_s * 60)
        at = rng.integers(0, len(out) - len(struck))
        out[at : at + len(struck)] += struck * rng.uniform(0.2, 1)
    return out


def horn(rng: np.random.Generator) -> NDArray[np.float64]:
    """A car outside."""
    at_s = np.arange(int(RATE_HZ * rng.uniform(0.3, 1.2))) / RATE_HZ
    tones = (np.sign(np.sin(2 * np.pi * hz * at_s)) for hz in rng.uniform(300, 520, 2))
    return np.asarray(lfilter([0.2], [1, -0.8], sum(tones, np.zeros(len(at_s)))))


def yawn(rng: np.random.Generator) -> NDArray[np.float64]:
    """A voice without a word that falls as the mouth closes."""
    length = int(RATE_HZ * rng.uniform(0.7, 1.6))
    pitch = np.linspace(rng.uniform(180, 260), rng.uniform(80, 120), length)
    pulses = np.diff(np.floor(np.cumsum(pitch / RATE_HZ)), prepend=0)
    return _throat(pulses + rng.normal(0, 0.2, length), rng) * np.hanning(length)


def hiccup(rng: np.random.Generator) -> NDArray[np.float64]:
    """A voice cut off as it begins, once to three times."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        length = int(RATE_HZ * rng.uniform(0.06, 0.13))
        pitch = np.linspace(rng.uniform(150, 250), rng.uniform(300, 500), length)
        pulses = np.diff(np.floor(np.cumsum(pitch / RATE_HZ)), prepend=0)
        voice = _throat(pulses + rng.normal(0, 0.05, length), rng)
        parts += [voice, np.zeros(int(RATE_HZ * rng.uniform(0.4, 0.8)))]
    return np.concatenate(parts)


def snore(rng: np.random.Generator) -> NDArray[np.float64]:
    """Breath that flutters."""
    at_s = np.arange(int(RATE_HZ * rng.uniform(0.8, 1.6))) / RATE_HZ
    flutter = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * rng.uniform(25, 45) * at_s))
    return _throat(rng.normal(0, 1, len(at_s)) * flutter, rng) * np.hanning(len(at_s))


def baby(rng: np.random.Generator) -> NDArray[np.float64]:
    """A child that cries: a high voice that rises and falls, once to three times."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        length = int(RATE_HZ * rng.uniform(0.5, 1.0))
        top_hz = rng.uniform(400, 600)
        pitch = top_hz * (0.75 + 0.25 * np.hanning(length)) + 15 * rng.normal(0, 1, length)
        pulses = np.diff(np.floor(np.cumsum(pitch / RATE_HZ)), prepend=0)
        voice = _throat(pulses + rng.normal(0, 0.08, length), rng) * np.hanning(length)
        parts += [voice, np.zeros(int(RATE_HZ * rng.uniform(0.2, 0.4)))]
    return np.concatenate(parts)


def meow(rng: np.random.Generator) -> NDArray[np.float64]:
    """A cat: harmonics that glide up and down."""
    length = int(RATE_HZ * rng.uniform(0.4, 0.9))
    hz = rng.uniform(450, 700) * (0.7 + 0.5 * np.hanning(length))
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    voice = sum((np.sin(n * phase) / n for n in range(1, 7)), np.zeros(length))
    return _throat(voice, rng) * np.hanning(length)


def siren(rng: np.random.Generator) -> NDArray[np.float64]:
    """An ambulance in the street: two tones in turn."""
    beat = int(RATE_HZ * rng.uniform(0.3, 0.6))
    low_hz = rng.uniform(380, 480)
    hz = np.tile(np.repeat([low_hz, low_hz * 1.33], beat), 2)
    tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)
    return np.asarray(lfilter([0.2], [1, -0.8], tone)) * np.hanning(len(hz))


def keys(rng: np.random.Generator) -> NDArray[np.float64]:
    """A bunch of keys: small bars struck all the time."""
    out = np.zeros(int(RATE_HZ * rng.uniform(0.6, 1.4)))
    at_s = np.arange(int(0.05 * RATE_HZ)) / RATE_HZ
    for _ in range(rng.integers(10, 30)):
        struck = np.sin(2 * np.pi * rng.uniform(2500, 7500) * at_s) * np.exp(-at_s * 90)
        at = rng.integers(0, len(out) - len(struck))
        out[at : at + len(struck)] += struck * rng.uniform(0.2, 1)
    return out


def vacuum(rng: np.random.Generator) -> NDArray[np.float64]:
    """A vacuum cleaner, or a drill, switched on and off."""
    at_s = np.arange(int(RATE_HZ * rng.uniform(1.0, 2.5))) / RATE_HZ
    motor_hz = rng.uniform(90, 220) * (1 - 0.6 * np.exp(-4 * at_s))
    phase = 2 * np.pi * np.cumsum(motor_hz) / RATE_HZ
    whine = sum((np.sin(n * phase) / n for n in (1, 2, 3, 5)), np.zeros(len(at_s)))
    return whine + lfilter([1, -0.7], [1], rng.normal(0, 0.6, len(at_s)))
