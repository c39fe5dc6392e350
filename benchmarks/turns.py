"""Who cuts callers off, and who lets them wait: end-of-turn policies on labelled audio.

    python -m benchmarks.turns [--sets prompts] [--svg docs/images/turns.svg] [--cache FOLDER]

Needs Debian's asterisk-core-sounds-{en,es,fr}-{wav,g722} and the local voices and ears. On audio
time: the VAD and the end-of-turn model run over the files once and are kept in the cache; a policy
is then replayed over them in seconds. turns.yaml has the sets; which of them were looked at while
the knobs were chosen is said with each.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from loguru import logger
from rich.console import Console
from rich.table import Table

from benchmarks.turn_corpus import CONFIGURATION, build_corpus, load_configuration
from benchmarks.turn_curve import Curve, draw_curves
from benchmarks.turn_replay import Policy, by_set, offhook, replay, stock, vad_only
from benchmarks.turn_traces import Trace, Tracer
from bots.local.weights import ensure
from bots.local.whisper import WhisperEars
from processors.patience import PATIENCES, Patience

CACHE = Path.home() / ".cache" / "offhook" / "benchmarks" / "turns"
SCALES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
"""What the waits of `normal` are multiplied with along Offhook's curve."""
STOPS_S = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2)
FALLBACKS_S = (0.4, 0.6, 0.8, 1.2, 2.0, 3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description="False cut-offs against dead air.")
    parser.add_argument("--sets", default="", help="only the sets whose name contains this")
    parser.add_argument("--svg", type=Path, help="where the curves are drawn")
    parser.add_argument("--cache", type=Path, default=CACHE)
    arguments = parser.parse_args()
    logger.remove()
    traces = [one for one in traced(arguments.cache) if arguments.sets in one.set]
    console = Console(width=110)
    console.print(set_table(traces))
    console.print(knob_table([one for one in traces if one.is_tuned]))
    console.print(speculation_table(traces))
    for name, is_tuned in (("tuned", True), ("held out", False)):
        some = [one for one in traces if one.is_tuned is is_tuned]
        if some:
            console.print(f"{name}: {ratio_text(some)}")
    if arguments.svg:
        held_out = [one for one in traces if not one.is_tuned] or traces
        arguments.svg.write_text(draw_curves(curves(held_out), points(held_out)), "utf-8")


def traced(cache: Path, configuration: Path = CONFIGURATION) -> list[Trace]:
    """Every set's traces; the models run only for what is not in the cache."""
    paths = ensure(["whisper-tiny.en", "whisper-base"])
    english = WhisperEars.load(paths["whisper-tiny.en"], "en", threads=1)
    spanish = WhisperEars.load(paths["whisper-base"], "es", threads=1)
    ears = {"en": english, "es": spanish, "fr": spanish.for_language("fr")}
    tracer = Tracer(cache, ears)
    try:
        turns = build_corpus(load_configuration(configuration))
        return sorted(tracer.trace(turns), key=lambda one: (one.set, one.rate_hz, one.call))
    finally:
        tracer.close()
        english.close()
        spanish.close()


def scaled(scale: float, patience: Patience | None = None) -> Patience:
    """A patience with its waits longer or shorter."""
    one = patience or PATIENCES["normal"]
    longest_s = one.shortest_s + (one.longest_s - one.shortest_s) * scale
    # Past what the model asks for, even a sure verdict is made to wait.
    shortest_s = one.shortest_s + max(0.0, scale - 1.5) * 0.2
    return replace(
        one,
        shortest_s=shortest_s,
        longest_s=max(longest_s, shortest_s),
        more_s=one.more_s * min(1.5, scale),
    )


def curves(traces: Sequence[Trace]) -> list[Curve]:
    """Offhook's curve, the VAD's alone, and Pipecat's with its fallback varied."""
    return [
        Curve("Offhook", _line(traces, [offhook(scaled(scale)) for scale in SCALES])),
        Curve("Pipecat, its 3 s varied", _line(traces, [stock(one) for one in FALLBACKS_S])),
        Curve("VAD only", _line(traces, [vad_only(stop_s) for stop_s in STOPS_S])),
    ]


def points(traces: Sequence[Trace]) -> list[Curve]:
    """What people get without turning a knob."""
    named = [Curve("Pipecat's default", _line(traces, [stock()]))]
    return named + [Curve(name, _line(traces, [offhook(PATIENCES[name])])) for name in PATIENCES]


def _line(traces: Sequence[Trace], policies: Sequence[Policy]) -> tuple[tuple[float, float], ...]:
    outcomes = [replay(policy, traces) for policy in policies]
    return tuple((one.mean_dead_air_s, one.false_cut_offs) for one in outcomes)


def cut_offs_at(line: Sequence[tuple[float, float]], dead_air_s: float) -> float:
    """A curve's false cut-offs at a dead air, between its two nearest points; its end's beyond."""
    line = sorted(line)
    for (from_s, from_share), (to_s, to_share) in pairwise(line):
        if from_s <= dead_air_s <= to_s and to_s > from_s:
            part = (dead_air_s - from_s) / (to_s - from_s)
            return from_share + part * (to_share - from_share)
    return line[0][1] if dead_air_s < line[0][0] else line[-1][1]


def ratio_text(traces: Sequence[Trace]) -> str:
    """Offhook's false cut-offs against those of Pipecat's default, at the same mean dead air."""
    default = replay(stock(), traces)
    line = _line(traces, [offhook(scaled(scale)) for scale in SCALES])
    ours = cut_offs_at(line, default.mean_dead_air_s)
    vad = cut_offs_at(_line(traces, [vad_only(s) for s in STOPS_S]), default.mean_dead_air_s)
    ratio = ours / default.false_cut_offs if default.false_cut_offs else float("nan")
    return (
        f"at {default.mean_dead_air_s * 1000:.0f} ms of dead air Pipecat's default cuts off "
        f"{default.false_cut_offs:.1%} of {default.pauses} pauses, VAD only {vad:.1%}, "
        f"Offhook {ours:.1%}: {ratio:.2f} of the default"
    )


def set_table(traces: Sequence[Trace]) -> Table:
    """Every set: what each policy does without a knob turned."""
    table = Table("set", "kHz", "tuned", "turns", "pauses", box=None)
    policies = {"Pipecat": stock(), "VAD 0.8 s": vad_only(0.8)}
    policies |= {name: offhook(patience) for name, patience in PATIENCES.items()}
    for name in policies:
        table.add_column(name, justify="right")
    table.add_column("at equal air", justify="right")
    for (name, rate_hz, is_tuned), some in by_set(traces):
        outcomes = [replay(policy, some) for policy in policies.values()]
        cells = [f"{one.false_cut_offs:.0%} {one.mean_dead_air_s * 1000:.0f}" for one in outcomes]
        line = _line(some, [offhook(scaled(scale)) for scale in SCALES])
        default = outcomes[0]
        ours = cut_offs_at(line, default.mean_dead_air_s)
        ratio = f"{ours / default.false_cut_offs:.2f}" if default.cut_off else "-"
        head = (name, str(rate_hz // 1000), "yes" if is_tuned else "no", str(len(some)))
        table.add_row(*head, str(default.pauses), *cells, ratio)
    table.caption = "false cut-offs, and mean dead air in ms"
    return table


def knob_table(traces: Sequence[Trace]) -> Table:
    """What each part of the policy is worth: `normal` without it, on the tuned sets."""
    one = PATIENCES["normal"]
    deaf = [
        replace(t, silences=tuple(replace(s, suspected_s=()) for s in t.silences)) for t in traces
    ]
    rows: list[tuple[str, Policy, Sequence[Trace]]] = [
        ("normal", offhook(one), traces),
        ("without the words", offhook(one, has_words=False), traces),
        ("without scoring anew", offhook(replace(one, rescore_s=60.0)), traces),
        ("without the caller's pace", offhook(replace(one, pace=0.0)), traces),
        ("without the VAD's suspicion", offhook(one), deaf),
    ]
    table = Table(
        "policy", "false cut-offs", "dead air ms", "speculations", "thrown away", box=None
    )
    for name, policy, some in rows:
        done = replay(policy, some)
        table.add_row(
            name,
            f"{done.false_cut_offs:.1%}",
            f"{done.mean_dead_air_s * 1000:.0f}",
            str(done.speculations),
            str(done.wasted),
        )
    return table


def speculation_table(traces: Sequence[Trace]) -> Table:
    """What answering ahead is worth, for brains of several speeds, and what it throws away."""
    table = Table("brain's first word", "patience", "reply p50 ms", "p95", "begun", "thrown away")
    for brain_s in (0.2, 0.5, 1.0):
        for name, patience in PATIENCES.items():
            for speculates in (False, True):
                done = replay(offhook(patience, speculates=speculates), traces)
                replies_ms = quantiles((one * 1000 for one in done.replies_s(brain_s)), n=20)
                share = f"{done.wasted / done.speculations:.0%}" if done.speculations else "-"
                table.add_row(
                    f"{brain_s * 1000:.0f} ms",
                    f"{name}{', ahead' if speculates else ''}",
                    f"{replies_ms[9]:.0f}",
                    f"{replies_ms[18]:.0f}",
                    str(done.speculations),
                    share,
                )
    return table


if __name__ == "__main__":
    main()
