"""What ruamel says about YAML that does not parse -> a cause and a fix in our own words."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml.error import MarkedYAMLError

from bots.errors import ConfigProblem
from bots.origin import Origin

_SYNTAX: tuple[tuple[str, str, str, str], ...] = (
    (
        r"found character '\\t'|tab",
        "yaml_tab",
        "A tab cannot indent YAML.",
        "Indent with spaces.",
    ),
    (
        r"mapping values are not allowed",
        "yaml_colon",
        "A colon stands where no key can be.",
        'Quote a text that has a colon in it: `"open: daily"`; or mend the indentation.',
    ),
    (
        r"another document",
        "yaml_documents",
        "The file holds more than one document.",
        "Remove the `---`: one file is one bot.",
    ),
    (
        r"undefined alias",
        "yaml_alias",
        "This alias names nothing.",
        'Quote a text that begins with a star: `"*"`.',
    ),
    (
        r"unexpected end of stream|found unexpected document",
        "yaml_quote",
        "A quote is opened and never closed.",
        "Close it.",
    ),
    (
        r"unknown escape|expected escape",
        "yaml_escape",
        "A backslash in double quotes begins an escape, and this is none.",
        "Use single quotes, or write the backslash twice.",
    ),
    (
        r"expected ',' or '[\]}]'",
        "yaml_bracket",
        "A bracket is opened and never closed, or a comma is missing.",
        "Close it, or quote the text that begins with a bracket.",
    ),
    (
        r"cannot start any token",
        "yaml_token",
        "A text cannot begin with this character.",
        "Quote the text.",
    ),
    (
        r"expected <block end>",
        "yaml_indent",
        "This line is not in line with the ones above it.",
        "Indent it like its neighbours.",
    ),
)


def syntax_problem(error: MarkedYAMLError, file: Path) -> ConfigProblem:
    """The problem, at the place that mends it: an open bracket rather than the end of the file."""
    mark = error.problem_mark or error.context_mark
    at = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file, 1, 1)
    said = str(error.problem or error.context or "no reason given")
    for pattern, code, cause, fix in _SYNTAX:
        if re.search(pattern, said):
            if code in ("yaml_quote", "yaml_bracket") and error.context_mark is not None:
                at = Origin(file, error.context_mark.line + 1, error.context_mark.column + 1)
            return at.problem(code, "", cause, fix)
    cause = f"The YAML does not parse: {said.splitlines()[0].rstrip('.')}."
    return at.problem("yaml_syntax", "", cause, "Look at this line and the one above.")
