"""The brain's process on a machine without libgomp: its native code cannot be loaded."""

from __future__ import annotations

import sys
from typing import Any

from bots.local.llama_child import main


class _Loader:
    """Says of xllamacpp what the dynamic linker says."""

    def find_spec(self, name: str, *_: Any) -> None:
        if name == "xllamacpp":
            raise ImportError(
                "libgomp.so.1: cannot open shared object file: No such file or directory"
            )


if __name__ == "__main__":
    sys.meta_path.insert(0, _Loader())  # pyright: ignore[reportArgumentType]
    main()
