"""A local server in a vendor's place: its port, the faults it was given, what it was asked.

Each vendor's module subclasses `Emulator` with its routes and its wording of errors. The vendor's
port closes when the fault is a refusal; a second port, for `emulators.control` alone, stays open.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypedDict

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from emulators import control
from emulators.faults import Fault, FaultKind, FaultPlan, Passage
from emulators.problems import Problem, Wrong, check_key, of_fault

_HOST = "127.0.0.1"
_REMEMBERED_REQUESTS = 1000
_BODY_LIMIT_BYTES = 32 * 1024 * 1024


class Pace(BaseModel):
    """How fast a well vendor answers. 0 is at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    first_byte_ms: int = Field(default=0, ge=0)
    """Before the first piece of an answer."""
    chunk_ms: int = Field(default=0, ge=0)
    """Before each further piece: a token of a model, about 100 ms of audio of a voice."""


class Serving(TypedDict, total=False):
    """The arguments of every emulator, for those that take more."""

    port: int
    control_port: int
    pace: Pace | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived, without headers. `at_s` counts from the emulator's start."""

    at_s: float
    operation: str
    path: str
    query: dict[str, str]
    body: Any
    fault: FaultKind | None


class Cut(Exception):
    """The connection ends here, without a closing word."""


class CutShort(Exception):
    """The answer ends here in good order, though not all of it was said."""


def cut(request: web.Request) -> None:
    """End the connection with no word of the protocol, after the bytes that were written to it."""
    if request.transport:
        request.transport.close()


class Emulator(ABC):
    """A vendor on loopback, `async with` or `start` and `stop`; answers any key but `wrong...`."""

    vendor: ClassVar[str]
    """Name of the vendor, as in `bots.providers`."""
    url_scheme: ClassVar[str] = "http"
    url_path: ClassVar[str] = ""
    not_json: ClassVar[str] = "the body is not JSON"
    """The vendor's word for a body that is none."""

    def __init__(self, *, port: int = 0, control_port: int = 0, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.asked: deque[Asked] = deque(maxlen=_REMEMBERED_REQUESTS)
        self._ports = {"api": port, "control": control_port}
        self._plan = FaultPlan()
        self._runner: web.AppRunner | None = None
        self._servers: dict[str, asyncio.Server] = {}
        self._gate: asyncio.Task[None] | None = None
        self._plan_changed = asyncio.Event()
        self._was_asked = asyncio.Event()
        self._stopping = asyncio.Event()
        self.started_s = 0.0
        """On the monotonic clock; what `asked` counts from."""

    @abstractmethod
    def routes(self) -> Iterable[web.RouteDef]:
        """The vendor's endpoints."""

    @abstractmethod
    def refusal(self, problem: Problem) -> web.Response:
        """Word `problem` as the vendor does."""

    def check_auth(self, request: web.Request) -> None:
        """Raises `Problem` 401 without a key that will do; a bearer token, where not overridden."""
        check_key(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())

    @property
    def base_url(self) -> str:
        """What the vendor's client or Pipecat's service takes as its URL."""
        return f"{self.url_scheme}://{_HOST}:{self._ports['api']}{self.url_path}"

    @property
    def control_url(self) -> str:
        """Root of the control API, open whatever the fault."""
        return f"http://{_HOST}:{self._ports['control']}"

    def faulty_url(self, kind: FaultKind | str) -> str:
        """A URL of this vendor that fails in the TLS handshake or does not resolve."""
        if FaultKind(kind) is FaultKind.TLS:
            # TLS is spoken to a port that answers in plain HTTP.
            return f"{self.url_scheme}s://{_HOST}:{self._ports['api']}{self.url_path}"
        if FaultKind(kind) is FaultKind.DNS:
            # RFC 6761 keeps .invalid from ever resolving.
            return f"{self.url_scheme}://{self.vendor}.invalid:{self._ports['api']}{self.url_path}"
        raise ValueError(f"{kind} is a fault on command: use fault({str(kind)!r})")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on both ports. Raises `OSError` when one is taken."""
        app = web.Application(middlewares=[self._answer], client_max_size=_BODY_LIMIT_BYTES)
        app.add_routes([*self.routes(), *control.routes(self)])
        # A handler that hangs on command must end with its client.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        self.started_s = time.monotonic()
        for name in self._ports:
            await self._listen(name)
        self._gate = asyncio.create_task(self._keep_gate())

    async def stop(self) -> None:
        """Cut every connection and free both ports."""
        self._stopping.set()
        if self._gate:
            self._gate.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._gate
        for name in list(self._servers):
            self._close(name)
        self._cut_connections()
        if self._runner:
            await self._runner.cleanup()

    def fault(self, kind: FaultKind | str, **details: Any) -> Fault:
        """Give the vendor a fault, from now on; `details` are the fields of `Fault`.

        Raises:
            ValueError: for TLS and DNS, which `faulty_url` gives, and for wrong details.
        """
        fault = Fault.model_validate({"kind": kind, **details})
        if fault.kind.is_of_address:
            raise ValueError(f"{fault.kind} is chosen with the URL: use faulty_url")
        self._plan.arm(fault, time.monotonic())
        if self._plan.is_refusing(time.monotonic()):
            self._refuse()
        self._plan_changed.set()
        return fault

    async def recover(self) -> None:
        """Take all faults back; returns once the vendor listens again."""
        self._plan.clear()
        await self._listen("api")
        self._plan_changed.set()

    def look_up(self, operation: str) -> Fault | None:
        """The fault that a request of `operation` would meet now; it is not used up."""
        return self._plan.look_up(operation, time.monotonic())

    def meet(self, operation: str, request: web.Request, body: Any = None) -> Passage:
        """Note a request and return its way through the fault it meets, if any."""
        now_s = time.monotonic()
        fault = self._plan.meet(operation, now_s)
        query = {name: value for name, value in request.query.items() if "key" not in name}
        kind = fault.kind if fault else None
        at_s = now_s - self.started_s
        self.asked.append(Asked(at_s, operation, request.path, query, body, kind))
        self._was_asked.set()
        return Passage(fault)

    async def wait_for_requests(self, operation: str, count: int, timeout_s: float = 5) -> None:
        """Wait until `operation` was asked `count` times in all; TimeoutError otherwise."""
        async with asyncio.timeout(timeout_s):
            while sum(asked.operation == operation for asked in self.asked) < count:
                self._was_asked.clear()
                await self._was_asked.wait()

    async def admit(self, operation: str, request: web.Request, body: Any = None) -> Passage:
        """Do as `meet`, and refuse or hang where the fault does so before any answer.

        Raises:
            Problem: a fault with a status.
            Cut: a refusal on a connection that was already open, or the end of a hang.
        """
        passage = self.meet(operation, request, body)
        if passage.fault is None:
            return passage
        if passage.fault.kind is FaultKind.REFUSED:
            raise Cut
        if passage.fault.kind.status:
            raise of_fault(passage.fault)
        if passage.is_hung:
            await self.hang()
        return passage

    async def admit_json(self, operation: str, request: web.Request) -> tuple[Passage, Any]:
        """Do as `admit` with the JSON that the request carries, and return that too.

        Raises:
            Problem: as `admit`, and for a body that is no JSON.
            Cut: as `admit`.
        """
        try:
            body = await request.json()
        except ValueError as error:
            raise Problem(Wrong.VALUE, self.not_json) from error
        return await self.admit(operation, request, body), body

    async def hang(self) -> None:
        """Say nothing until the client leaves (its handler is cancelled) or the emulator stops."""
        await self._stopping.wait()
        raise Cut

    async def send(
        self,
        passage: Passage,
        payload: bytes,
        write: Callable[[bytes], Awaitable[None]],
        garble: Callable[[], Awaitable[None]],
    ) -> None:
        """Send a piece of an answer through `passage`, in the parts that its fault leaves.

        `write` frames and sends bytes of the payload, `garble` sends a piece no client can read.

        Raises:
            Cut: the connection ends.
            CutShort: the answer ends, in the vendor's good order.
        """
        if drip := passage.drip:
            for start in range(0, len(payload), drip.drip_bytes):
                await asyncio.sleep(drip.drip_ms / 1000)
                await write(payload[start : start + drip.drip_bytes])
            return
        step = passage.step(len(payload))
        if step.passes_bytes:
            await write(payload[: step.passes_bytes])
        if step.then == "stall":
            await self.hang()
        elif step.then == "drop":
            raise Cut
        elif step.then == "end":
            raise CutShort
        elif step.then == "garble":
            await garble()

    async def wait_for_piece(self, number: int) -> None:
        """Keep the pace: call before piece `number` of an answer, from 0."""
        wait_ms = self.pace.chunk_ms if number else self.pace.first_byte_ms
        if wait_ms:
            await asyncio.sleep(wait_ms / 1000)

    @web.middleware
    async def _answer(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return self.refusal(problem)
        except Cut:
            cut(request)
            return web.Response()
        except web.HTTPException as error:
            message = f"{request.method} {request.path}"
            return self.refusal(Problem(Wrong.PATH, message, status=error.status))

    async def _listen(self, name: str) -> None:
        if name in self._servers or not self._runner or not self._runner.server:
            return
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._runner.server, _HOST, self._ports[name])
        self._ports[name] = server.sockets[0].getsockname()[1]
        self._servers[name] = server

    def _close(self, name: str) -> None:
        if server := self._servers.pop(name, None):
            server.close()

    def _refuse(self) -> None:
        self._close("api")
        self._cut_connections(only_port=self._ports["api"])

    def _cut_connections(self, only_port: int | None = None) -> None:
        server = self._runner.server if self._runner else None
        for connection in list(server.connections) if server else []:
            transport = connection.transport
            if transport is None:
                continue
            port = transport.get_extra_info("sockname")[1]
            if only_port in (None, port):
                transport.abort()

    async def _keep_gate(self) -> None:
        """Open and close the vendor's port as refusals begin and end."""
        while True:
            now_s = time.monotonic()
            if self._plan.is_refusing(now_s):
                self._refuse()
            else:
                await self._listen("api")
            wait_s = self._plan.next_change_s(now_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._plan_changed.wait(), wait_s)
            self._plan_changed.clear()
