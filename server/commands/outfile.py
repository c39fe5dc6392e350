"""The file a command was told to write: refused before the work that fills it, not after."""

from __future__ import annotations

import os
from pathlib import Path

from bots.errors import OffhookError


def require_writable(out: Path) -> None:
    """Return if `out` can be written as far as its folder tells.

    Raises:
        OffhookError: it is a folder, its folder is not there, or either may not be written to.
    """
    if out.is_dir():
        cause = f"{out} is a folder."
    elif not out.parent.is_dir():
        cause = f"There is no folder {out.parent} to write {out.name} to."
    elif not os.access(out if out.exists() else out.parent, os.W_OK):
        cause = f"{out} may not be written."
    else:
        return
    raise OffhookError(cause, hint="Give another --out.", code="usage")
