"""The brain's own process: llama.cpp's server on loopback, watched by bots/local/llama.py.

The parent writes one JSON line (ChildConfig) to stdin and keeps the pipe open; the child answers
with one JSON line on stdout, `{"url": "http://127.0.0.1:PORT"}` or `{"error": "..."}`. When the
pipe closes, the parent is gone or done, and the child ends. llama.cpp writes its log to stderr.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from typing import Any, TextIO

PR_SET_PDEATHSIG = 1
LOG_WARNINGS = 2
NICENESS = 5
"""Ears, voice and event loop need a core for moments and at once, the brain for a second: a pass of
the ears beside a prompt being read took 0.50 s at the same priority and 0.23 s at this one."""
SPINS = 2000
"""Rounds that a thread of the brain waits for its peers before it sleeps. Waking costs more than
that: a token took 68 ms without and 48 ms with on two quiet cores, and less on busy ones too. Many
more rounds gain nothing, and take the core from whom the thread waits for."""


@dataclass(frozen=True, slots=True)
class ChildConfig:
    """What the parent decides; the key travels here since arguments are visible to other users."""

    model: str
    """Path of the GGUF file."""
    api_key: str
    """What every request must carry as a bearer token."""
    slots: int
    """Conversations whose prompt cache is kept at once."""
    context_tokens: int
    """Context of one slot."""
    threads: int
    """Compute threads, for generating and for reading prompts."""
    snapshots: str
    """Folder of saved prompt prefixes."""
    parent_pid: int
    """The process whose end is this one's end."""

    def to_line(self) -> str:
        """One line of JSON, as the child reads it."""
        return json.dumps(asdict(self)) + "\n"


def die_with_parent(parent_pid: int) -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere the closed pipe does it."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # the parent died before the request took hold
        os._exit(0)


def share_cores() -> None:
    """Let the rest of the product go first, and wait briefly; before any native code is loaded."""
    os.nice(NICENESS)
    os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))


def serve(config: ChildConfig) -> Any:
    """Load the model and serve it on a free port; the server lives as long as what is returned.

    Raises:
        RuntimeError: llama.cpp could not load the model; its log on stderr says why.
    """
    # Native code without type stubs: imported by name, in this process only.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = config.model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config.api_key]
    params.cors_origins = ""
    params.cors_credentials = False
    params.ui = False
    params.use_jinja = True
    params.verbosity = LOG_WARNINGS  # llama.cpp's chattier levels name prompts
    params.n_parallel = config.slots
    params.n_ctx = config.context_tokens * config.slots
    params.cpuparams.n_threads = config.threads
    params.cpuparams_batch.n_threads = config.threads
    params.n_threads_http = 2 * config.slots + 2
    # A batch cannot be cancelled: a small one bounds how long a withdrawn question still computes.
    params.n_batch = 128
    params.n_ubatch = 128
    # Slots are leased and prefixes saved by name (see llama.py), so the guessing cache is off:
    # it would keep callers' words in memory after their calls.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.slot_save_path = os.path.join(config.snapshots, "")  # noqa: PTH118 - wants the slash
    return xllamacpp.Server(params)


def answer(out: TextIO, **fields: str) -> None:
    """Write the one line the parent waits for."""
    out.write(json.dumps(fields) + "\n")
    out.flush()


def main() -> None:
    """Read the config, serve until stdin closes, leave without native destructors."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # native code that prints must not answer
    config = ChildConfig(**json.loads(sys.stdin.readline()))
    die_with_parent(config.parent_pid)
    share_cores()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends this one
    try:
        server = serve(config)
    except Exception as error:
        answer(out, error=str(error))
        os._exit(1)
    answer(out, url=server.listening_address)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
