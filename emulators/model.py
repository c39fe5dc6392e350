"""An emulated model: an emulator that speaks from a script."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Unpack

from aiohttp import web

from emulators.document import send_document
from emulators.event_stream import EventStream
from emulators.faults import Passage
from emulators.script import Reply, Said, Script, Scripted
from emulators.server import Emulator, Serving


class ModelEmulator(Emulator, Scripted):
    """A vendor of language models; each turn of a conversation has its reply in `script`."""

    def __init__(self, *, script: Script | None = None, **serving: Unpack[Serving]) -> None:
        super().__init__(**serving)
        self.script = script or Script()

    def reply_to(self, conversation: Sequence[Said], passage: Passage) -> Reply:
        """The reply that is due, or none of its words when a fault empties the answer."""
        return Reply() if passage.is_empty else self.script.reply_to(conversation)

    async def answer_whole(
        self, request: web.Request, passage: Passage, document: dict[str, Any]
    ) -> web.StreamResponse:
        """Answer with one document, which is bare when a fault empties the answer."""
        return await send_document(self, request, passage, {} if passage.is_empty else document)

    async def answer_in_events(
        self,
        request: web.Request,
        tell: Callable[[EventStream], Coroutine[Any, Any, None]],
    ) -> web.StreamResponse:
        """Answer with the server-sent events that `tell` sends, the first in its time."""
        events = EventStream(request)
        await self.wait_for_piece(0)
        return await events.run(tell(events))
