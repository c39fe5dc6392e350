"""What gets into the log, and what never does."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
from loguru import logger

from server.logs import scrub, set_up_logs

pytestmark = pytest.mark.unit


@pytest.fixture
def lines():
    """The log as JSON lines; logging is put back as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    sink = io.StringIO()
    set_up_logs(form="auto", level="DEBUG", sink=sink)
    yield lambda: [json.loads(line) for line in sink.getvalue().splitlines()]
    root.handlers, root.level = before, level
    logging.captureWarnings(False)
    logger.remove()
    logger.configure(patcher=lambda record: None)
    logger.add(sys.stderr)


def test_record_is_one_line_with_the_session(lines):
    """A line carries its session's id and whatever is bound."""
    with logger.contextualize(session_id="abc"):
        logger.bind(bot="receptionist").info("Call {}", "started")
    [line] = lines()
    assert line["message"] == "Call started"
    assert (line["session_id"], line["bot"], line["level"]) == ("abc", "receptionist", "INFO")


def test_library_logs_come_along(lines):
    """uvicorn logs through `logging`; it ends up in the same place under its own name."""
    logging.getLogger("uvicorn.error").info("Started %s", "server")
    [line] = lines()
    assert (line["message"], line["logger"]) == ("Started server", "uvicorn.error")


def test_tokens_in_addresses_are_cut(lines):
    """uvicorn logs the address of a socket, which carries its token."""
    logging.getLogger("uvicorn.error").info(
        '"WebSocket /api/calls/abc/socket?token=eyJ.sig&secret=deep" [accepted]'
    )
    [line] = lines()
    assert "eyJ" not in line["message"]
    assert "deep" not in line["message"]
    assert "/api/calls/abc/socket" in line["message"]


def test_bearer_is_cut():
    """A header that gets quoted loses its key."""
    assert scrub("Authorization: Bearer abc.def") == "Authorization: Bearer …"


def test_pipecat_is_heard_from_warnings_on(lines):
    """Below WARNING Pipecat logs what was said; our own level does not let it through."""
    talk = logger.patch(lambda record: record.update(name="pipecat.services.tts"))
    talk.debug("Generating TTS [my secret]")
    talk.info("Generating TTS [my secret]")
    talk.warning("late")
    assert [line["message"] for line in lines()] == ["late"]


@pytest.mark.parametrize(
    ("quoting", "kept"),
    [
        ("Error parsing JSON message my secret, no", "Error parsing JSON message"),
        ("LLM#0: Failed to parse function call arguments: my secret",
         "LLM#0: Failed to parse function call arguments"),
        ("TTS#0: service is no longer usable, not speaking [my [secret]]",
         "TTS#0: service is no longer usable, not speaking […]"),
        ("TTS#0: exception processing TextFrame#1(pts: None, text: [my\nsecret]): late",
         "TTS#0: exception processing TextFrame#1(pts: None, text: […]): late"),
        ("TTS#0 error: 401 Unauthorized", "TTS#0 error: 401 Unauthorized"),
    ],
)  # fmt: skip
def test_pipecat_warnings_lose_what_they_quote(lines, quoting, kept):
    """What a caller or a bot said is mentioned, not repeated; the error itself stays."""
    logger.bind(logger="pipecat.services.x").error("{}", quoting)
    [line] = lines()
    assert line["message"] == kept


def test_a_vendors_requests_are_not_logged(lines):
    """An SDK told by its own variable to log requests has them kept out all the same."""
    sdk = logging.getLogger("openai._base_client")
    sdk.setLevel(logging.DEBUG)
    try:
        sdk.debug("Request options: my secret")
    finally:
        sdk.setLevel(logging.NOTSET)
    assert lines() == []


def test_refused_socket_is_no_error(lines):
    """uvicorn's complaint about a socket that was answered by HTTP is left out."""
    logging.getLogger("uvicorn.error").error("ASGI callable returned without completing handshake.")
    assert lines() == []


def test_exception_keeps_its_traceback(lines):
    """An error is one line too."""
    try:
        raise ValueError("token=abc")
    except ValueError:
        logger.exception("It broke")
    [line] = lines()
    assert "ValueError" in line["exception"]
    assert "abc" not in line["exception"].splitlines()[-1]


def test_terminal_gets_a_readable_line():
    """On a terminal a line begins with the time and the level, not with a brace."""
    sink = io.StringIO()
    set_up_logs(form="text", sink=sink)
    with logger.contextualize(session_id="abc"):
        logger.info("Call started")
    logger.remove()
    logging.captureWarnings(False)
    assert "abc Call started" in sink.getvalue()
    assert not sink.getvalue().startswith("{")
