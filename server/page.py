"""Where the built call page is: in the wheel, or in the checkout the server runs from."""

from __future__ import annotations

from pathlib import Path

_SERVER = Path(__file__).resolve().parent
_PLACES = (_SERVER / "assets/client", _SERVER.parent / "client/dist")


def page_folder() -> Path | None:
    """The folder that holds the page's index.html; None when it has not been built."""
    return next((place for place in _PLACES if (place / "index.html").is_file()), None)
