"""One log for everything: a line of JSON a record with its session's id, or a form for people.

Loguru is the one logger, as in Pipecat; what uvicorn and other libraries log through `logging` is
passed on to it. Three things never get out, at any level: what was said, tokens and secrets in
addresses, and keys in headers. Pipecat and the vendors' SDKs log what was said below WARNING, so
their records start there, and from there on Pipecat's lose what they quote.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Literal, TextIO

from loguru import logger

if TYPE_CHECKING:
    from loguru import Message, Record

_SECRET_IN_TEXT = re.compile(
    r"(?i)(\b(?:token|secret|session_secret|api_key)=|\bbearer\s+)[^&\s\"']+"
)
_QUOTED = re.compile(
    r"((?:Error parsing|Failed to parse) JSON message"
    r"|Failed to parse function call arguments"
    r"|Invalid RTVI transport message|Ignoring not RTVI message|Invalid message"
    r"|[Nn]on-JSON (?:message|response)|Invalid JSON message"
    r"|[Uu]nknown message (?:type|status)).*",
    re.DOTALL,
)
"""Warnings and errors of Pipecat that go on with what the caller or a vendor sent."""
_BRACKETED = re.compile(r"\[.+\]", re.DOTALL)
"""How Pipecat writes a text, alone or as part of a frame: `not speaking [...]`."""
_NOISE = ("ASGI callable returned without completing handshake",)
"""uvicorn says so as an error whenever a socket is refused with an answer."""
_MIN_LEVELS = {
    "pipecat": logging.WARNING,
    **dict.fromkeys(("aiortc", "aioice", "uvicorn.access", "asyncio"), logging.WARNING),
    # An SDK logs its requests whole when its own variable asks for it, e.g. OPENAI_LOG=debug.
    **dict.fromkeys(
        ("openai", "anthropic", "groq", "google_genai", "cartesia", "deepgram", "elevenlabs"),
        logging.WARNING,
    ),
    **dict.fromkeys(("httpx", "httpcore", "aiohttp", "websockets"), logging.WARNING),
}


def set_up_logs(
    *,
    form: Literal["auto", "json", "text"] = "auto",
    level: str = "INFO",
    sink: TextIO = sys.stderr,
) -> None:
    """Sends every log of the process to `sink`, and nothing anywhere else."""
    is_text = form == "text" or (form == "auto" and sink.isatty())
    logger.remove()
    logger.configure(patcher=_scrub)
    if is_text:
        logger.add(
            sink, level=level, format=_text_format, filter=_is_wanted, diagnose=False, catch=True
        )
    else:
        logger.add(
            _JsonSink(sink), level=level, format="{message}", filter=_is_wanted, diagnose=False
        )
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.INFO, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
    logging.captureWarnings(True)


def scrub(text: str) -> str:
    """`text` without the tokens, secrets and keys that addresses and headers carry."""
    return _SECRET_IN_TEXT.sub(r"\1…", text)


def _scrub(record: Record) -> None:
    message = record["message"]
    if _logger_of(record).partition(".")[0] == "pipecat":
        message = _BRACKETED.sub("[…]", _QUOTED.sub(r"\1", message))
    record["message"] = scrub(message)


def _logger_of(record: Record) -> str:
    return record["extra"].get("logger") or record["name"] or ""


def _is_wanted(record: Record) -> bool:
    if record["message"].startswith(_NOISE):
        return False
    name = _logger_of(record)
    for prefix, level in _MIN_LEVELS.items():
        if name == prefix or name.startswith(prefix + "."):
            return record["level"].no >= level
    return True


def _text_format(record: Record) -> str:
    session = " <cyan>{extra[session_id]}</cyan>" if "session_id" in record["extra"] else ""
    return (
        "<dim>{time:HH:mm:ss.SSS}</dim> <level>{level: <7}</level>"
        + session
        + " {message}\n{exception}"
    )


class _JsonSink:
    """Writes each record as one line of JSON: time, level, message, logger, and what is bound."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, message: Message) -> None:
        record = message.record
        line: dict[str, Any] = {
            "time": record["time"].isoformat(),
            "level": record["level"].name,
            "message": record["message"],
            "logger": record["name"],
        } | record["extra"]
        if record["exception"] is not None:
            line["exception"] = scrub(str(message).partition("\n")[2].rstrip())
        self._stream.write(json.dumps(line, default=str, ensure_ascii=False) + "\n")
        self._stream.flush()


class _ToLoguru(logging.Handler):
    """Hands the records of `logging` to loguru under their own logger's name."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.bind(logger=record.name).opt(exception=record.exc_info).log(
            level, "{}", record.getMessage()
        )
