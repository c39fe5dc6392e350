"""`offhook emulate`: the vendors' emulators on this machine, to rehearse a bot without keys."""

from __future__ import annotations

import asyncio

import typer

from emulators.run import environ_lines, run_emulators


def run() -> None:
    """Start every emulator, print what to export, and answer until Ctrl-C."""
    asyncio.run(_serve())


async def _serve() -> None:
    async with run_emulators() as vendors:
        typer.echo("\n".join(environ_lines(vendors)))
        typer.echo("Ctrl-C stops them. docs/emulators.md says how to break one.", err=True)
        await asyncio.Event().wait()
