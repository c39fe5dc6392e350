"""Curves of false cut-offs against dead air as an SVG, for benchmarks/turns.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 24, 56
LONGEST_S = 1.4
COLOURS = ("#1d4ed8", "#b45309", "#6b7280")


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of mean dead air in seconds and the share of pauses cut off, in order."""

    name: str
    points: tuple[tuple[float, float], ...]


def draw_curves(curves: Sequence[Curve], marks: Sequence[Curve]) -> str:
    """The picture: each curve a line, each mark a dot with its name."""
    return "\n".join([*_lines(curves, marks)]) + "\n"


def _lines(curves: Sequence[Curve], marks: Sequence[Curve]) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12">'
    )
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    for step in range(0, 11, 2):
        share = step / 10
        y = _y(share)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#e5e7eb"/>'
        yield _text(LEFT - 8, y + 4, f"{share:.0%}", anchor="end")
    for tenth in range(2, 15, 2):
        yield _text(_x(tenth / 10), HEIGHT - BOTTOM + 18, f"{tenth / 10:g} s", anchor="middle")
    yield _text(LEFT, HEIGHT - 14, "mean dead air: from the caller's last sound to the turn's end")
    yield _text(LEFT, 16, "false cut-offs: pauses inside a turn that ended it")
    for index, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        path = " ".join(f"{_x(s):.1f},{_y(share):.1f}" for s, share in sorted(curve.points))
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        y = TOP + 24 + index * 18
        x = WIDTH - RIGHT - 190
        yield (
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 24}" y2="{y - 4}" stroke="{colour}" '
            'stroke-width="2.5"/>'
        )
        yield _text(x + 32, y, curve.name)
    for mark in marks:
        (dead_air_s, share) = mark.points[0]
        colour = COLOURS[1] if "Pipecat" in mark.name else COLOURS[0]
        x, y = _x(dead_air_s), _y(share)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
        yield _text(x + 9, y - 6, mark.name)
    yield "</svg>"


def _x(dead_air_s: float) -> float:
    return LEFT + min(dead_air_s, LONGEST_S) / LONGEST_S * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#374151">{escape(text)}</text>'
    )
