"""The command `offhook`: reads its arguments and hands over to the subcommand's own module.

Nothing heavy is imported before a subcommand runs. What goes wrong is told in one line with its
fix: exit 2 for usage and configuration, 1 for anything else, 130 after Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bots.errors import ConfigError, OffhookError

# Read when numpy loads. With a thread a core, each verdict on a turn's end spins on all of them:
# twice the CPU, and no sooner.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

USAGE_CODES = {"settings", "no_bots_folder", "unknown_bot", "unknown_weights", "bot_name", "usage"}
TRACEBACK = "OFFHOOK_LOG_LEVEL=DEBUG shows where."

app = typer.Typer(
    name="offhook",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models = typer.Typer(rich_markup_mode=None)
app.add_typer(models, name="models")

Bots = Annotated[
    list[Path] | None,
    typer.Option(
        "--bots",
        metavar="FOLDER",
        help="Where the bots are; may be repeated. Otherwise OFFHOOK_BOTS, else ./configs/bots, "
        "else the bots that came with Offhook.",
    ),
]
Bot = Annotated[str, typer.Argument(metavar="BOT", help="A bot's name, or its YAML file.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"offhook {version('offhook')} (pipecat {version('pipecat-ai')})")
        raise typer.Exit


@app.callback(
    help="Self-hosted voice agents: one YAML file answers calls in the browser.",
    epilog="Start with `offhook serve`; `offhook new NAME` begins a bot of your own.",
    invoke_without_command=True,
)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it and exit.")
    ] = False,
) -> None:
    """Read .env, which never overrides the environment, and keep libraries from greeting."""
    _help_alone(context)
    from dotenv import load_dotenv
    from loguru import logger

    load_dotenv(Path(".env"), override=False)
    logger.remove()
    logger.add(sys.stderr, level="WARNING", format="{message}")


@models.callback(help="Fetch, check and move the local models.", invoke_without_command=True)
def models_root(context: typer.Context) -> None:
    """Print the help when no subcommand is given."""
    _help_alone(context)


def _help_alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


@app.command()
def serve(
    bots: Bots = None,
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Address to listen on; OFFHOOK_HOST."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on; OFFHOOK_PORT.", min=0, max=65535),
    ] = None,
    tls: Annotated[
        bool | None,
        typer.Option("--tls", help="Serve HTTPS; OFFHOOK_TLS."),
    ] = None,
) -> None:
    """Answer calls: serve the page and print its link."""
    from server.commands import serve as command

    command.run(folders=bots or [], host=host, port=port, tls=tls)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The bot's name; its file is NAME.yaml.")],
    bots: Bots = None,
) -> None:
    """Write a commented bot to start from."""
    from server.commands import new as command

    command.run(name, folders=bots or [])


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="BOTS", help="Names, files or folders; otherwise every bot."),
    ] = None,
    online: Annotated[
        bool,
        typer.Option("--online", help="Ask the vendors too: is each key, model and voice good?"),
    ] = False,
    bots: Bots = None,
) -> None:
    """Check bots: every error with its place and its fix.

    A line reads `file:line:column: cause. fix`; the exit is 2 when there is any.
    """
    from server.commands import check as command

    command.run(paths or [], folders=bots or [], online=online)


@app.command()
def explain(bot: Bot, bots: Bots = None) -> None:
    """Print a bot in full: every value and where it is from."""
    from server.commands import explain as command

    command.run(bot, folders=bots or [])


@app.command()
def graph(
    bot: Bot,
    transport: Annotated[
        str, typer.Option(help="The way in that the pipeline is built for.")
    ] = "webrtc",
    bots: Bots = None,
) -> None:
    """Print a bot's pipeline as it is really built."""
    from server.commands import graph as command

    command.run(bot, transport=transport, folders=bots or [])


@app.command()
def talk(
    bot: Bot,
    text: Annotated[bool, typer.Option("--text", help="Type and read. The default.")] = False,
    audio: Annotated[
        Path | None, typer.Option("--audio", metavar="IN.wav", help="What the caller says.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT.wav", help="Where the answer goes.")
    ] = None,
    bots: Bots = None,
) -> None:
    """Talk to a bot here: typed, or from audio to audio."""
    from server.commands import talk as command

    command.run(bot, text=text, audio=audio, out=out, folders=bots or [])


@app.command()
def turns(
    call: Annotated[Path, typer.Argument(metavar="CALL.wav", help="A recording of a caller.")],
    bot: Annotated[
        str | None,
        typer.Option("--bot", metavar="BOT", help="Whose patience, language and ears are tried."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="X.svg|X.png", help="Where the picture goes.")
    ] = None,
    bots: Bots = None,
) -> None:
    """Draw what was taken for the end of each turn of a recording, and why."""
    from server.commands import turns as command

    command.run(call, bot=bot, out=out, folders=bots or [])


@app.command()
def schema(
    write: Annotated[
        bool, typer.Option("--write", help="Write the schema and the pages made from source.")
    ] = False,
) -> None:
    """Print the JSON Schema of a bot's YAML."""
    from server.commands import schema as command

    command.run(write=write)


@app.command()
def doctor(
    bots: Bots = None,
    quick: Annotated[bool, typer.Option("--quick", help="Leave the boot benchmark out.")] = False,
    online: Annotated[
        bool,
        typer.Option("--online", help="Ask each vendor whose key is set what goes with it."),
    ] = False,
) -> None:
    """Say what this machine has, lacks and can hold."""
    from server.commands import doctor as command

    raise typer.Exit(command.run(folders=bots or [], quick=quick, online=online))


@app.command()
def voices(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="A provider of tts.")],
    language: Annotated[
        str | None, typer.Option(metavar="XX", help="Only those that speak it, as `es`.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it listens, if not at its vendor's.")
    ] = None,
) -> None:
    """List the voices that a provider has for your key."""
    from server.commands import voices as command

    command.run(provider, language=language, base_url=base_url)


@app.command()
def emulate() -> None:
    """Stand in for the vendors on this machine, to rehearse a bot without keys."""
    from server.commands import emulate as command

    command.run()


@app.command()
def rehearse(
    bot: Bot,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="KIND", help="stt, llm or tts; may be repeated."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault", metavar="FAULT", help="As docs/emulators.md names them; may be repeated."
        ),
    ] = None,
    bots: Bots = None,
) -> None:
    """Let every provider of a bot fail in every way, and say what a caller would hear.

    No key is needed: emulators stand in for the vendors. The exit is 1 when a turn that somebody
    could have answered was not.
    """
    from server.commands import rehearse as command

    raise typer.Exit(command.run(bot, only=only or [], faults=fault or [], folders=bots or []))


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAMES", help="As `offhook models list` shows them."),
]
Archive = Annotated[Path, typer.Argument(metavar="FILE.tar", help="One tar with all of them.")]


@models.command("list")
def models_list() -> None:
    """List every weight: its size, licence and whether it is here."""
    from server.commands import models as command

    raise typer.Exit(command.list_())


@models.command("pull")
def models_pull(names: Names = None, bots: Bots = None) -> None:
    """Fetch the named weights, or those that the bots use."""
    from server.commands import models as command

    raise typer.Exit(command.pull(names or [], folders=bots or []))


@models.command("verify")
def models_verify(names: Names = None) -> None:
    """Hash the named weights anew, or all that are here."""
    from server.commands import models as command

    raise typer.Exit(command.verify(names or []))


@models.command("remove")
def models_remove(names: Names = None) -> None:
    """Delete the named weights from the cache."""
    from server.commands import models as command

    raise typer.Exit(command.remove(names or []))


@models.command("export")
def models_export(archive: Archive, names: Names = None) -> None:
    """Write weights to one file, for a machine with no source."""
    from server.commands import models as command

    raise typer.Exit(command.export(archive, names or []))


@models.command("import")
def models_import(archive: Archive) -> None:
    """Take weights out of a file that `export` wrote."""
    from server.commands import models as command

    raise typer.Exit(command.import_(archive))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit, with what went wrong in one line."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        return app(args=arguments, prog_name="offhook", standalone_mode=False) or 0
    except ConfigError as error:
        # Each problem is a line of its own and begins with its place, as editors read it.
        return _fail(str(error), code=2)
    except OffhookError as error:
        return _fail(f"error: {error}", code=2 if error.code in USAGE_CODES else 1)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "offhook"
        said = error.format_message()
        stop = "" if said.endswith((".", "?", "!")) else "."
        return _fail(f"error: {said}{stop} See `{command} --help`.", code=2)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("Stopped.", code=130)
    except Exception as error:
        if os.environ.get("OFFHOOK_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        fault = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(".: ")
        return _fail(f"error: {fault}. This is a fault of Offhook; {TRACEBACK}", code=1)


def _fail(line: str, code: int) -> int:
    typer.echo(line, err=True)
    return code


if __name__ == "__main__":
    main()
