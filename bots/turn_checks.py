"""Whether a bot's `turns` and its ears fit each other: who says when the caller has finished."""

from __future__ import annotations

from bots.complaint import Complaint
from bots.providers.registry import PROVIDERS, names
from bots.spec import BotSpec

_OF_OURS = (
    "shortest",
    "longest",
    "sure",
    "telephone_sure",
    "unfinished",
    "finished",
    "rescore",
    "pace",
    "words",
)
"""Figures of the detector that `turns: provider` leaves out."""


def check_turns(spec: BotSpec) -> list[Complaint]:
    """Turns left to ears that cannot tell, or not left to ears that always do, and idle figures."""
    telling = {row.name: row.turns for row in PROVIDERS.values() if row.turns}
    if not spec.turns.is_left_to_ears:
        return [
            _untold(index, one.provider)
            for index, one in enumerate(spec.stt)
            if one.provider in telling and telling[one.provider].is_always
        ]
    found = [
        Complaint(
            ("turns", key),
            "turns_idle",
            f"`{key}` is the detector's, and `provider` leaves the end of the turn to the ears.",
            "Remove it, or choose another patience.",
            at_key=True,
        )
        for key in _OF_OURS
        if key in spec.turns.model_fields_set
    ]
    known = [one.provider for one in spec.stt if one.provider in names("stt")]
    if known and len(known) == len(spec.stt) and not any(one in telling for one in known):
        cause = "None of the bot's `stt` says when the caller has finished."
        able = " or ".join(f"`{name}`" for name in telling)
        fix = f"Name {able} in `stt`, or write `turns: normal`."
        found.append(Complaint(("turns", "patience"), "turns_provider", cause, fix))
    return found


def _untold(index: int, provider: str) -> Complaint:
    cause = f"`{provider}` gives its words when it takes the turn to be over, so it has to decide."
    return Complaint(("stt", index), "turns_untold", cause, "Write `turns: provider`.")
