"""What axe, the accessibility checker, finds on the page that a browser shows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

_AXE = Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_WINDOWS: tuple[ViewportSize, ...] = ({"width": 1280, "height": 800}, {"width": 390, "height": 844})
_RUN = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ help, nodes }) => `${help}: ${nodes.map(({ html }) => html)}`);
}
"""


def faults(page: Page) -> list[str]:
    """Every fault of the view at hand, on a desk and on a phone, light and dark."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{_AXE.read_text()}; null")
    found: list[str] = []
    for theme in _THEMES:
        # Colours on their way from one theme to the other are neither.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.locator(f"html[data-theme={theme}]").wait_for()
        for window in _WINDOWS:
            page.set_viewport_size(window)
            found += [f"{theme}, {window['width']} px: {fault}" for fault in page.evaluate(_RUN)]
    return found
