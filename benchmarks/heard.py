"""What the conversation holds of an answer that was cut off, against what the caller heard of it.

    python -m benchmarks.heard [--points 25] [--voice-points 8] [--transport webrtc]
                               [--ledger offhook|stock] [--at-once 2] [--each]

Real calls (benchmarks/cut_calls.py) to a real server with an emulated brain and emulated voices,
one that times its words and one that does not. The answer is cut at points spread over it: by an
InterruptionFrame, and by the caller's voice, through the VAD, the floor and the duck. Of the first
the context is read once the interruption is through the pipeline, of the second the request for the
next answer. The truth is the caller's recording, aligned with the known synthesis by correlation.
`stock` is Pipecat's own bookkeeping in the same calls.

Both sides of every call share this process: keep `--at-once` low, or it is their wait for each
other that is measured. The longest silence inside of what was heard tells whether speech stuttered.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Sequence

from loguru import logger

from benchmarks.callers import TRANSPORTS, Transport
from benchmarks.cut_calls import LENGTH_S, VOICES, Cut, How, open_hall

_REACTION_S = 1.0
"""The voice cuts begin so long before the end of the answer at the latest."""


async def measure(
    transports: Sequence[Transport],
    points: dict[How, int],
    at_once: int,
    *,
    is_stock: bool,
) -> list[Cut]:
    """Every voice over `transports`, cut at so many points in each way."""
    gate = asyncio.Semaphore(at_once)

    async with open_hall(is_stock=is_stock) as hall:

        async def one(transport: Transport, voice: str, how: How, at_s: float) -> Cut:
            async with gate:
                return await hall.cut(transport, voice, how, at_s)

        wanted = [
            one(transport, voice, how, _length_s(how) * (number + 0.5) / count)
            for transport in transports
            for voice in VOICES
            for how, count in points.items()
            for number in range(count)
        ]
        return list(await asyncio.gather(*wanted))


def _length_s(how: How) -> float:
    return LENGTH_S if how == "frame" else LENGTH_S - _REACTION_S


def table(cuts: Sequence[Cut]) -> str:
    """A row a transport, voice and kind of cut."""
    lines = [
        "| transport | voice | cut by | cuts | exact | within one word | worst, mean, words "
        "| longest gap |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    kinds = dict.fromkeys((cut.transport, cut.voice, cut.how) for cut in cuts)
    for kind in kinds:
        rows = [cut for cut in cuts if (cut.transport, cut.voice, cut.how) == kind]
        errors = [cut.error for cut in rows]
        within = sum(abs(cut.error) <= 1 and cut.is_prefix for cut in rows)
        worst, mean = max(errors, key=abs), statistics.mean(errors)
        gap_ms = max(cut.gap_s for cut in rows) * 1000
        lines.append(
            f"| {kind[0]} | {VOICES[kind[1]]} | {kind[2]} | {len(rows)} | {errors.count(0)} "
            f"| {within} | {worst:+d}, {mean:+.2f} | {gap_ms:.0f} ms |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--points", type=int, default=25, help="cut by a frame, a voice")
    parser.add_argument("--voice-points", type=int, default=8, help="cut by the caller, a voice")
    parser.add_argument("--transport", choices=TRANSPORTS, help="this one only")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--ledger", choices=("offhook", "stock"), default="offhook")
    parser.add_argument("--each", action="store_true", help="print every cut")
    options = parser.parse_args(arguments)
    logger.remove()
    transports = [options.transport] if options.transport else TRANSPORTS
    points: dict[How, int] = {"frame": options.points, "voice": options.voice_points}
    is_stock = options.ledger == "stock"
    cuts = asyncio.run(measure(transports, points, options.at_once, is_stock=is_stock))
    if options.each:
        for cut in cuts:
            print(f"{cut} heard_s={cut.heard_s:.2f} heard={cut.heard} error={cut.error:+d}")
    print(table(cuts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
