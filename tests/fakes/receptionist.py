"""The shipped receptionist on one server for many tests: it takes half a minute to be ready."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.offhook_process import OffhookProcess

SHIPPED = Path(__file__).parents[2] / "configs" / "bots" / "receptionist.yaml"


@dataclass(frozen=True)
class Receptionist:
    """A ready server, and the file of its one bot, which a test may edit."""

    offhook: OffhookProcess
    file: Path
    shipped_version: str

    def restore(self, timeout_s: float = 60.0) -> None:
        """Wait for the end of every call, and until the bot is again as it is shipped.

        Raises:
            TimeoutError: a call or the edited bot goes on.
        """
        self.offhook.wait_idle()
        shutil.copy(SHIPPED, self.file)
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            bot = self.offhook.bot("receptionist")
            if bot["version"] == self.shipped_version and not bot["problems"]:
                return
            time.sleep(0.1)
        raise TimeoutError("the receptionist is still the edited one")


@contextmanager
def serve_receptionist(folder: Path, log: Path) -> Iterator[Receptionist]:
    """A server of the receptionist alone that takes two local calls at once, slowly or not."""
    file = Path(shutil.copy(SHIPPED, folder))
    with OffhookProcess(folder, log, environ={"OFFHOOK_LOCAL_CAPACITY": "2"}) as offhook:
        offhook.wait_ready()
        yield Receptionist(offhook, file, offhook.bot("receptionist")["version"])
