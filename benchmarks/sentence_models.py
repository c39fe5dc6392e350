"""What the sentence models take by which facts are found: to load, to read a bot, and a question.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.sentence_models [--bot receptionist]

One thread, as `offhook serve` has it. The bot's tuning questions are asked once each, so that words
of callers are new. The cache is an empty one, but for the weights.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from loguru import logger

from benchmarks.answers import BOTS
from benchmarks.scoring import load_questions
from bots.load import load_bot
from bots.local.knowledge import Knowledge
from bots.local.lookup import Lookup, knowledge_of
from bots.local.matching import Matcher, load_matcher
from bots.local.models import brief
from bots.local.question import Asked
from bots.local.recall import load_recall
from bots.local.store import cache_root

WARM_UP = 5
"""Questions that are asked first, and again: what the models make ready is not theirs to pay."""


def timed_ms(call: Callable[[], object]) -> float:
    """How long `call` takes."""
    began_s = time.perf_counter()
    call()
    return (time.perf_counter() - began_s) * 1000


def learn(matcher: Matcher, known: Knowledge) -> None:
    """Read all of a bot that is unread."""
    for group in matcher.unread(known):
        matcher.read(group)


def percentiles(times_ms: Sequence[float]) -> str:
    """`9.4 / 13.1`: p50 and p95."""
    p50, p95 = np.percentile(times_ms, [50, 95])
    return f"{p50:.1f} / {p95:.1f}"


def measure(known: Knowledge, questions: Sequence[Asked]) -> None:
    """Print a line a figure."""
    recall, matcher = load_recall(), load_matcher()
    if recall is None or matcher is None:
        raise SystemExit("A sentence model is missing. `make setup` installs both.")
    count = len(known.facts) + sum(map(len, known.asked))
    print(f"{len(known.facts)} facts, {count - len(known.facts)} questions under them")
    print(f"load the tuned model: {timed_ms(load_matcher):.0f} ms")
    read_ms = timed_ms(partial(learn, matcher, known))
    print(f"read by it: {read_ms:.0f} ms, {read_ms / count:.1f} ms a text")
    again = load_matcher()
    assert again is not None
    print(f"read by the next start: {timed_ms(partial(learn, again, known)):.0f} ms")
    for asked in questions[:WARM_UP]:
        recall.likeness_now(known, asked)
        matcher.matched(known, asked)
    tuned_ms = [timed_ms(partial(matcher.matched, known, asked)) for asked in questions]
    both_ms = [timed_ms(partial(recall.likeness_now, known, asked)) for asked in questions]
    print(f"{len(questions)} questions, p50 / p95 in ms")
    print(f"the tuned model: {percentiles(tuned_ms)}")
    print(f"both models, in turn: {percentiles(both_ms)}")
    recall.close()


def main() -> None:
    """Measure with a cache of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bot", default="receptionist", help="a shipped one with tuning questions")
    bot = parser.parse_args().bot
    logger.remove()
    told = brief(load_bot(BOTS / f"{bot}.yaml", {}).spec)
    lookup = Lookup(told)
    questions = [
        lookup.asked([*one.before, one.ask], one.at)
        for one in load_questions("tuning")
        if one.bot == bot
    ]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "weights").symlink_to(cache_root() / "weights")
        os.environ["OFFHOOK_CACHE"] = folder
        measure(knowledge_of(told), questions)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
