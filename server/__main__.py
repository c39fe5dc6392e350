"""Where the command `offhook` begins: from its first import on, Ctrl-C ends it without a traceback.

`cli.py` says the rest; importing it alone takes long enough to be interrupted.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command and exit, as after Ctrl-C where its imports are interrupted."""
    try:
        from server.cli import main as run
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
