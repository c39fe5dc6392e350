"""A timeline as SVG and as PNG."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from processors.turn_timeline import Mark, Timeline
from server.timeline_picture import draw_timeline, save_picture, svg

pytestmark = pytest.mark.unit

TIMELINE = Timeline(
    length_s=3.0,
    levels_dbfs=[(0.0, -70.0), (0.5, -20.0)],
    speech=[(0.5, 1.5)],
    waits=[(1.5, 0.2, 0.9), (1.8, 0.5, 0.9), (2.5, 0.2, 0.4)],
    marks=[
        Mark(1.3, "words", "a < b & c"),
        Mark(1.6, "score", value=0.25),
        Mark(1.7, "speculate", "a"),
        Mark(2.3, "end", "patience", 0.9),
    ],
)


def test_svg_has_what_was_decided() -> None:
    """It is well-formed whatever was said, and tells each decision."""
    root = ElementTree.fromstring(svg(draw_timeline(TIMELINE)))
    said = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b & c", ".25", "speculate", "end: patience"} <= set(said)


def test_png_is_as_large_as_the_picture(tmp_path: Path) -> None:
    """The same shapes, in pixels, and not all of them white."""
    picture = draw_timeline(TIMELINE)
    save_picture(picture, tmp_path / "call.png")
    with Image.open(tmp_path / "call.png") as image:
        assert image.size == (picture.width, picture.height)
        assert len(image.getcolors(100_000) or ()) > 5


def test_a_long_recording_stays_drawable() -> None:
    """Ten minutes are no wider than a picture may be."""
    assert draw_timeline(Timeline(length_s=600.0)).width <= 24_000
