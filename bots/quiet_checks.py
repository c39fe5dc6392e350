"""What is wrong with a bot's steps for a quiet caller that only shows beside each other."""

from __future__ import annotations

from collections.abc import Iterable

from bots.complaint import Complaint
from bots.durations import seconds
from bots.spec import BotSpec


def check_quiet(spec: BotSpec, language: str, languages: Iterable[str]) -> list[Complaint]:
    """Steps out of order, behind a hang-up, or in a language that the bot does not speak."""
    found: list[Complaint] = []
    before_s, has_hung_up = 0.0, False
    for index, step in enumerate(spec.caller_quiet):
        path = ("caller_quiet", index)
        if has_hung_up:
            cause = "The call has ended before this step."
            found.append(Complaint(path, "quiet_after_end", cause, "Put it before `hang_up`."))
            continue
        if seconds(step.after) <= before_s:
            cause = f"`{step.after}` does not come after the step before."
            fix = "Give each step a longer `after`, counted from when the caller went quiet."
            found.append(Complaint((*path, "after"), "quiet_order", cause, fix))
        before_s, has_hung_up = max(before_s, seconds(step.after)), step.do == "hang_up"
        if step.say is None:
            continue
        if language not in step.say:
            cause = f"The bot speaks `{language}`, and this line does not."
            fix = f"Add `{language}:` with the line."
            found.append(Complaint((*path, "say"), "quiet_language", cause, fix))
        for code in step.say:
            if code not in languages:
                cause = f"The bot never speaks `{code}`."
                fix = "Remove this line, or give a transport that language under `via`."
                found.append(Complaint((*path, "say", code), "quiet_unused", cause, fix, True))
    return found
