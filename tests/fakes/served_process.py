"""A server in a process of its own, for what signals do to it."""

from __future__ import annotations

import sys

from server.logs import set_up_logs
from server.serve import DrainingServer, build_config, listen
from tests.fakes.serving import build_app


def main(port: int, drain_s: float) -> None:
    """Serves an echo until it is told to stop."""
    set_up_logs(form="json", sink=sys.stderr)
    app = build_app(drain_s=drain_s)
    listener = listen("127.0.0.1", port)
    config = build_config(app, app.state.desk.settings)
    print(listener.getsockname()[1], flush=True)
    DrainingServer(config, app, drain_s).run(sockets=[listener])
    print("closed", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
