"""Puts the built page and the shipped bots into the wheel, under server/assets.

Hatchling calls this when it builds a wheel. An editable install reads both from the checkout.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = {
    "client/dist": "server/assets/client",
    "configs/bots": "server/assets/bots",
    "configs/prompts": "server/assets/prompts",
}


class WheelAssets(BuildHookInterface[Any]):
    """Adds ASSETS to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add each folder that the wheel carries.

        Raises:
            FileNotFoundError: the page has not been built.
        """
        if version == "editable":
            return
        if not (Path(self.root) / "client/dist/index.html").is_file():
            raise FileNotFoundError("The wheel carries the built page: run `make setup` first.")
        for folder, place in ASSETS.items():
            if (Path(self.root) / folder).is_dir():
                build_data["force_include"][folder] = place
