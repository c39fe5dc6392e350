"""The signs by which facts are held against a question; pure, weighed by bots/local/weighing.py."""

from __future__ import annotations

from collections.abc import Sequence

from bots.local.knowledge import Knowledge
from bots.local.question import Asked, Likeness
from bots.local.weighing import RANKED_STEP, STEP, TOLD_STEP, nearness


def signs_of(
    known: Knowledge, asked: Asked, likeness: Likeness
) -> tuple[list[dict[str, float]], dict[str, float]]:
    """What bots/local/weighing.py weighs: of each fact, and of not knowing."""
    kind = known.kind(asked)
    leads = over_mean(likeness.facts, len(known.facts))
    asked_leads = over_mean(likeness.asked, len(known.facts))
    told_leads = over_mean(likeness.told, len(known.facts))
    ranked = likeness.ranked or [0.0] * len(known.facts)
    own = _nearness(known, asked.text, likeness)
    before = _nearness(known, asked.before, likeness)
    signs: list[dict[str, float]] = []
    for place, lead in enumerate(leads):
        found = {
            "ranked": ranked[place] / RANKED_STEP,
            "told": told_leads[place] / TOLD_STEP,
            "likeness": lead / STEP,
            "asked": asked_leads[place] / STEP,
            "words": own[place],
            "words_before": before[place],
        }
        if kind is not None:
            found["kind" if known.subjects.by_kind(place, kind) > 0 else "other_kind"] = 1.0
        if asked.days and known.subjects.days[place]:
            is_of_day = bool(asked.days & known.subjects.days[place])
            found["day" if is_of_day else "other_day"] = 1.0
            found["day_alone"] = float(is_of_day and not any(own))
        signs.append(found)
    is_wordless = not known.lexicon.contents(asked.text)
    silence = {
        "always": 1.0,
        "ranked": max(ranked) / RANKED_STEP,
        "ranked_unknown": likeness.ranked_unknown / RANKED_STEP,
        "told": max(told_leads) / TOLD_STEP,
        "told_unknown": (likeness.told_unknown - max(likeness.told, default=0.0)) / TOLD_STEP,
        "likeness": max(leads) / STEP,
        "strange": 0.0 if is_wordless else 1.0 - max(own),
        "wordless": float(is_wordless),
    }
    return signs, silence


def over_mean(values: Sequence[float], count: int) -> list[float]:
    """How far each of the values lies above their mean, 0 for one that is 0 (not known); `count`
    zeros where there are none."""
    known = [value for value in values if value]
    mean = sum(known) / len(known) if known else 0.0
    return [value - mean if value else 0.0 for value in values] or [0.0] * count


def _nearness(known: Knowledge, text: str, likeness: Likeness) -> list[float]:
    """The share of the weight of `text` that each fact says, in its words or in near ones."""
    said = [0.0] * len(known.facts)
    total = 0.0
    for word in known.lexicon.contents(text):
        found = known.lexicon.said(word)
        total += found.weight
        near = likeness.near.get(word, {})
        for place, own in enumerate(known.lexicon.words):
            is_said = place in found.sayers
            closest = max((near.get(other, 0.0) for other in own), default=0.0) if near else 0.0
            said[place] += found.weight * (1.0 if is_said else nearness(closest))
    return [value / total for value in said] if total else said
