"""A Timeline as a picture: level, speech, the wait against the silence, scores, decisions, words.

The shapes are made once; SVG is written as text and PNG is drawn by Pillow, which Pipecat brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from processors.turn_timeline import Timeline

PIXELS_PER_S = 90.0
WIDEST = 24_000
LEFT, RIGHT, HEIGHT = 96, 40, 420
LEVEL, SPEECH, WAIT, SCORE, WORDS = (36, 116), (128, 146), (166, 256), (274, 334), (352, 396)
"""Top and bottom of each lane."""
QUIETEST_DBFS, LONGEST_WAIT_S = -70.0, 3.0
INK, FAINT, SPOKEN, WAITED, NEEDED = "#374151", "#e5e7eb", "#60a5fa", "#9ca3af", "#b45309"
DECISIONS = {"end": "#15803d", "speculate": "#7c3aed", "withdraw": "#dc2626"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A line through points, or a text at the first of them."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0
    text: str = ""
    is_filled: bool = False
    """A box between two points, filled."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on white."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


def draw_timeline(timeline: Timeline, *, has_words: bool = True) -> Picture:
    """The picture; a long recording is drawn narrower a second."""
    scale = min(PIXELS_PER_S, (WIDEST - LEFT - RIGHT) / max(timeline.length_s, 0.1))
    width = max(640, int(LEFT + RIGHT + timeline.length_s * scale))
    return Picture(width, HEIGHT, tuple(_shapes(timeline, scale, width, has_words)))


def _shapes(timeline: Timeline, scale: float, width: int, has_words: bool) -> Iterator[Shape]:
    def x(at_s: float) -> float:
        return LEFT + at_s * scale

    names = ("level", "speech", "silence", "model", "words" if has_words else "no ears")
    for name, (top, bottom) in zip(names, (LEVEL, SPEECH, WAIT, SCORE, WORDS), strict=True):
        yield _text(8, (top + bottom) / 2 + 4, name)
        yield Shape(((LEFT, bottom), (width - RIGHT, bottom)), FAINT)
    step_s = next(step for step in (1, 5, 10, 60) if step * scale >= 40 or step == 60)
    for second in range(0, int(timeline.length_s) + 1, step_s):
        yield Shape(((x(second), 28), (x(second), HEIGHT - 20)), FAINT)
        yield _text(x(second) - 4, HEIGHT - 6, f"{second} s")
    for at_s, level_dbfs in timeline.levels_dbfs:
        share = max(0.0, 1 - level_dbfs / QUIETEST_DBFS)
        yield Shape(
            ((x(at_s), LEVEL[1]), (x(at_s), LEVEL[1] - share * (LEVEL[1] - LEVEL[0]))), SPOKEN, 1.2
        )
    for from_s, until_s in timeline.speech:
        yield Shape(((x(from_s), SPEECH[0]), (x(until_s), SPEECH[1])), SPOKEN, is_filled=True)
    for colour, which in ((WAITED, 1), (NEEDED, 2)):
        for run in _runs(timeline.waits):
            points = [(x(one[0]), _up(WAIT, one[which] / LONGEST_WAIT_S)) for one in run]
            yield Shape(tuple(points), colour, 1.8)
    yield _text(LEFT + 4, WAIT[0] - 4, "has lasted", WAITED)
    yield _text(LEFT + 74, WAIT[0] - 4, "has to last", NEEDED)
    for mark in timeline.of("score"):
        top = _up(SCORE, mark.value)
        yield Shape(((x(mark.at_s), SCORE[1]), (x(mark.at_s), top)), INK, 2.0)
        yield _text(x(mark.at_s) - 8, top - 3, f"{mark.value:.2f}"[1:] if mark.value < 1 else "1")
    for row, mark in enumerate(timeline.of("words")):
        yield _text(x(mark.at_s), WORDS[0] + 14 + row % 2 * 16, mark.text)
    for mark in timeline.of(*DECISIONS):
        colour = DECISIONS[mark.kind]
        yield Shape(((x(mark.at_s), 24), (x(mark.at_s), SCORE[1])), colour, 1.5)
    for row, mark in enumerate(timeline.of(*DECISIONS)):
        told = f"{mark.kind}: {mark.text}" if mark.kind == "end" else mark.kind
        yield _text(x(mark.at_s) + 3, 12 + row % 2 * 12, told, DECISIONS[mark.kind])


def _runs(
    waits: Sequence[tuple[float, float, float]],
) -> Iterator[list[tuple[float, float, float]]]:
    """The waits of one silence after the other."""
    run: list[tuple[float, float, float]] = []
    for one in waits:
        if run and one[1] < run[-1][1]:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _up(lane: tuple[int, int], share: float) -> float:
    return lane[1] - min(max(share, 0.0), 1.0) * (lane[1] - lane[0])


def _text(x: float, y: float, text: str, colour: str = INK) -> Shape:
    return Shape(((x, y),), colour, text=text)


def save_picture(picture: Picture, path: Path) -> None:
    """Write it as the SVG or PNG that the path's suffix says.

    Raises:
        OSError: the path cannot be written.
    """
    if path.suffix == ".svg":
        path.write_text(svg(picture), "utf-8")
    else:
        _png(picture).save(path)


def svg(picture: Picture) -> str:
    """The picture as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}" '
        f'width="{picture.width}" height="{picture.height}" font-family="sans-serif" '
        'font-size="11">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *map(_svg_shape, picture.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _svg_shape(shape: Shape) -> str:
    (x, y) = shape.points[0]
    if shape.text:
        return f'<text x="{x:.1f}" y="{y:.1f}" fill="{shape.colour}">{escape(shape.text)}</text>'
    if shape.is_filled:
        (right, bottom) = shape.points[1]
        return (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{bottom - y:.1f}" '
            f'fill="{shape.colour}"/>'
        )
    points = " ".join(f"{one_x:.1f},{one_y:.1f}" for one_x, one_y in shape.points)
    return (
        f'<polyline points="{points}" fill="none" stroke="{shape.colour}" '
        f'stroke-width="{shape.width}"/>'
    )


def _png(picture: Picture) -> Image.Image:
    image = Image.new("RGB", (picture.width, picture.height), "#ffffff")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=11)
    for shape in picture.shapes:
        if shape.text:
            (x, y) = shape.points[0]
            pen.text((x, y - 10), shape.text, fill=shape.colour, font=font)
        elif shape.is_filled:
            pen.rectangle([*shape.points[0], *shape.points[1]], fill=shape.colour)
        else:
            pen.line(list(shape.points), fill=shape.colour, width=max(1, round(shape.width)))
    return image
