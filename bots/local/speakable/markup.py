"""What has no sound is taken out: Markdown, emoji, stray symbols, before and after the rules."""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]*)\)")
_FENCE = re.compile(r"```\w*|~~~")
_BULLET = re.compile(r"^[ \t]*(?:[-*+•·▪◦]|>+)[ \t]+", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE)
# Emphasis only: an underscore or asterisk between word characters belongs to the word.
_EMPHASIS = re.compile(r"\*\*+|~~|`+|(?<!\w)[*_]+(?=\w)|(?<=[\w.,!?;:])[*_]+(?!\w)")
_VULGAR = re.compile(r"(\d)?([\u00bc-\u00be\u2150-\u215e])")
_LINES = re.compile(r"\s*\n\s*")

_KEPT = set(".,!?;:'\"-–—")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "„": '"'})
# A power is a word of its own, but in m² it belongs to the unit.
_POWER = re.compile(r"(?<=[^\sm])(?=[²³¹⁰⁴-⁹])")
_OPEN = re.compile(r"\s*[(\[{]\s*")
_CLOSE = re.compile(r"\s*[)\]}](\s*(?=\w))?")
_GLUED = re.compile(r"(?<=[^\W\d_])([.:])(?=[^\W\d_])")
_COMMA = re.compile(r"([,;])(?=[^\W\d_])")

_REPEATED = re.compile(r"([,;:])(?:\s*[,;:])+")
_STOPPED = re.compile(r"[,;:](?:\s*)([.!?])")
_OPENING = re.compile(r"^[\s,;:.\-–—]+")
_BEFORE_STOP = re.compile(r"\s+([,;:.!?])")
_LONE_DASH = re.compile(r"\s+[-–—]+(?=\s|$)")
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """`text` without Markdown and emoji, one line, in Unicode's plain forms (NFKC)."""
    text = _VULGAR.sub(_fraction, text)
    text = _POWER.sub(" ", text)
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES).replace("⁄", "/")
    text = _LINK.sub(r"\1", text)
    text = _FENCE.sub(" ", text)
    text = _HEADING.sub("", _BULLET.sub("", text))
    text = _EMPHASIS.sub("", text)
    text = _LINES.sub(_line_end, text.strip())
    return "".join(" " if _is_mute(char) else char for char in text)


def tidy(text: str) -> str:
    """`text` with what is left of the symbols gone and its punctuation in order."""
    text = _CLOSE.sub(lambda match: ", " if match[1] is not None else "", _OPEN.sub(", ", text))
    text = _COMMA.sub(r"\1 ", _GLUED.sub(" ", text))
    text = "".join(char if char.isalpha() or _is_kept(char) else " " for char in text)
    text = _LONE_DASH.sub(",", text)
    text = _BEFORE_STOP.sub(r"\1", text)
    text = _REPEATED.sub(r"\1", text)
    text = _STOPPED.sub(r"\1", text)
    text = _SPACES.sub(" ", _OPENING.sub("", text)).strip()
    return text if any(char.isalpha() for char in text) else ""


def _fraction(match: re.Match[str]) -> str:
    whole, vulgar = match.groups()
    return (f"{whole} " if whole else "") + unicodedata.normalize("NFKC", vulgar).replace("⁄", "/")


def _line_end(match: re.Match[str]) -> str:
    """A new line is a pause: a full stop, unless the line already ends in punctuation."""
    before = match.string[match.start() - 1] if match.start() else "."
    return " " if before in ".,!?;:-–—" else ". "


def _is_mute(char: str) -> bool:
    if char in "°©®™":
        return False
    return unicodedata.category(char) in ("So", "Sk", "Cf", "Cc", "Cs", "Co", "Cn")


def _is_kept(char: str) -> bool:
    return char in _KEPT or char.isspace() or unicodedata.category(char) in ("Mn", "Mc")
