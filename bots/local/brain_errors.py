"""What is wrong with the embedded brain, in words and with the fix; for llama.py and brain.py."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from pathlib import Path

from bots.errors import ProviderError

OUT_OF_MEMORY = ("failed to allocate", "out of memory", "bad_alloc", "cannot allocate")
"""How llama.cpp says so."""
SYSTEM_LIBRARIES = {"libgomp.so.1": "libgomp1", "libstdc++.so.6": "libstdc++6"}
"""What llama.cpp loads from the system, and Debian's package of each."""
_MISSING = re.compile(r"(lib[\w+-]+\.so[.\d]*): cannot open shared object file")


def brain_error(message: str, *, hint: str, category: str = "server") -> ProviderError:
    """A ProviderError of the embedded brain; `category` is a value of Pipecat's ErrorCategory."""
    return ProviderError(message, provider="local", stage="llm", category=category, hint=hint)


def library_error(library: str) -> ProviderError:
    """The brain's native code cannot be loaded for want of a system library."""
    package = SYSTEM_LIBRARIES.get(library)
    how = f"`apt install {package}` on Debian" if package else "with the system's package manager"
    return brain_error(
        f"The local brain needs {library}, which this system lacks.", hint=f"Install it: {how}."
    )


def start_error(model: Path, exit_code: int | None, complaints: Sequence[str]) -> ProviderError:
    """Why a child with `model` never answered; `complaints` are the first errors it told."""
    if missing := _MISSING.search(" ".join(complaints)):
        return library_error(missing[1])
    words = " ".join(complaints).lower()
    if exit_code == -signal.SIGKILL or any(sign in words for sign in OUT_OF_MEMORY):
        return brain_error(
            f"There is not enough memory for the local brain {model.name}.",
            hint="Choose the smaller brain (qwen2.5-0.5b), fewer sessions, or a server.",
        )
    cause = f" ({complaints[0]})" if complaints else ""
    return brain_error(
        f"The local brain cannot load {model}{cause}.",
        hint="Check that it is a whole GGUF file: `offhook models verify`.",
        category="invalid_request",
    )
