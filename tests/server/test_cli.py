"""The command `offhook`: its help, its exits, and errors in one line with their fix."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from server import cli

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pipecat", "numpy", "pydantic", "fastapi", "rich", "loguru")


def offhook(
    *arguments: str, folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the real command in `folder`, as a person would, with none of our own variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")}
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Run:
    """The command inside this process: its exit and what it printed."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)
        out, err = self._capture.readouterr()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an empty folder, with none of our own variables set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OFFHOOK_")]:
        monkeypatch.delenv(name)
    return Run(capsys)


def write_bot(folder: Path, name: str, text: str) -> Path:
    """A bot's file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.wire
def test_help_is_quick_and_names_every_command(tmp_path: Path) -> None:
    """`offhook --help` takes less than 300 ms of CPU and loads nothing heavy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = offhook("--help", folder=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    for name in ("serve", "new", "check", "explain", "graph", "talk", "models", "schema", "doctor"):
        assert f"\n  {name} " in done.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


@pytest.mark.wire
def test_the_shell_imports_nothing_heavy(tmp_path: Path) -> None:
    """What a subcommand needs is imported when it runs."""
    code = f"import sys, server.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_no_arguments_is_help(run: Run) -> None:
    """Typing the bare command, or `offhook models`, says what there is."""
    assert run()[1].startswith("Usage: offhook ")
    assert "pull" in run("models")[1]


def test_version_names_pipecat_too(run: Run) -> None:
    """A report of a fault can say both versions."""
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("offhook 0.")
    assert "pipecat 1." in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("serv",), "error: No such command 'serv'. Did you mean 'serve'? See `offhook --help`."),
        (("talk",), "error: Missing argument 'BOT'. See `offhook talk --help`."),
        (("graph", "x", "--fax"), "error: No such option: --fax. See `offhook graph --help`."),
        (
            ("talk", "x", "--text", "--audio", "a.wav"),
            "error: --text and --audio exclude each other. Leave one.",
        ),
        (
            ("talk", "x", "--audio", "a.wav"),
            "error: --audio and --out belong together. Give both: --audio IN.wav --out OUT.wav.",
        ),
        (
            ("check", "--bots", "nowhere"),
            "error: --bots names nowhere, which is not a folder. "
            "Name the folder that holds the bots' YAML files.",
        ),
        (
            ("new", "Front Desk"),
            "error: `Front Desk` cannot be a bot's name: it is part of a link. "
            "Use small letters, digits and dashes, as in `front-desk`.",
        ),
        (
            ("models", "pull", "whisper-tiny"),
            "error: No weights are named 'whisper-tiny'. Did you mean whisper-tiny.en?",
        ),
    ],
)
def test_a_wrong_use_is_one_line_with_its_fix_and_exit_2(
    run: Run, arguments: tuple[str, ...], line: str
) -> None:
    """No traceback, no page of usage: the line that mends it."""
    assert run(*arguments) == (2, "", f"{line}\n")


def test_a_setting_that_does_not_hold_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` says which variable is wrong and exits 2, before anything is loaded."""
    monkeypatch.setenv("OFFHOOK_CAPACITY", "many")
    code, _, err = run("serve")
    assert code == 2
    assert err.startswith("error: OFFHOOK_CAPACITY: ")
    assert err.count("\n") == 1


def test_a_new_bot_loads_as_it_stands(run: Run, tmp_path: Path) -> None:
    """`new` writes a bot and the schema its first line points to; `check` finds nothing wrong."""
    code, out, _ = run("new", "front-desk")
    assert code == 0
    assert "configs/bots/front-desk.yaml" in out
    path = tmp_path / "configs/bots/front-desk.yaml"
    schema = path.read_text().splitlines()[0].partition("$schema=")[2]
    assert (path.parent / schema).is_file()
    assert run("check") == (0, "1 file, no errors.\n", "")
    for way in ("front-desk", "configs/bots/front-desk.yaml", "configs/bots"):
        assert run("check", way) == (0, "1 file, no errors.\n", "")
    assert run("new", "front-desk")[0] == 1


def test_check_reports_every_problem_on_a_line_of_its_own(run: Run, tmp_path: Path) -> None:
    """Each begins with its place, as editors read it, and the exit is 2."""
    path = write_bot(tmp_path / "bots", "shop", "promt: hello\nanswer: {lnk: true}\n")
    code, out, err = run("check", "--bots", "bots")
    places = [line.split(": ")[0] for line in err.splitlines()]
    assert (code, out) == (2, "")
    assert places == [f"bots/{path.name}:1:1", f"bots/{path.name}:2:10"]
    assert "Did you mean `prompt`?" in err


def test_explain_prints_a_bot_that_is_the_same_bot(run: Run, tmp_path: Path) -> None:
    """What `explain` prints can be saved as a file, and `explain` says the same of that."""
    write_bot(tmp_path / "bots", "pirate", "prompt: You are a pirate.\n")
    _, out, _ = run("explain", "pirate", "--bots", "bots")
    assert "# default" in out
    write_bot(tmp_path / "again", "pirate", out)
    _, again, _ = run("explain", "pirate", "--bots", "again")
    assert again.splitlines()[0] == out.splitlines()[0]


def test_a_bot_that_is_not_there_has_its_nearest_name(run: Run, tmp_path: Path) -> None:
    """A typing error costs no look into the folder."""
    write_bot(tmp_path / "bots", "pirate", "prompt: You are a pirate.\n")
    code, _, err = run("explain", "pirat", "--bots", "bots")
    assert code == 2
    assert err == "error: There is no bot `pirat` in bots. Did you mean `pirate`?\n"


@pytest.mark.call
def test_the_environment_wins_over_dot_env(tmp_path: Path) -> None:
    """.env is read, and never overrides what is set already."""
    for name in ("mine", "other"):
        write_bot(tmp_path / name, name, "prompt: Hello.\n")
    (tmp_path / ".env").write_text("OFFHOOK_BOTS=other\n")
    assert offhook("explain", "other", folder=tmp_path).returncode == 0
    chosen = offhook("explain", "mine", folder=tmp_path, environment={"OFFHOOK_BOTS": "mine"})
    assert chosen.returncode == 0, chosen.stderr


def test_a_fault_of_ours_is_one_line_and_debug_shows_where(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error nobody foresaw is told without a traceback, unless one is asked for."""
    write_bot(tmp_path / "bots", "pirate", "prompt: You are a pirate.\n")

    def burst(*_: object) -> None:
        raise RuntimeError("the boiler\nburst")

    monkeypatch.setattr("server.commands.explain.explain", burst)
    code, _, err = run("explain", "pirate", "--bots", "bots")
    assert code == 1
    assert err == (
        "error: RuntimeError: the boiler burst. This is a fault of Offhook; "
        "OFFHOOK_LOG_LEVEL=DEBUG shows where.\n"
    )
    monkeypatch.setenv("OFFHOOK_LOG_LEVEL", "DEBUG")
    with pytest.raises(RuntimeError):
        cli.main(("explain", "pirate", "--bots", "bots"))


def test_schema_is_the_one_in_the_tree(run: Run) -> None:
    """Editors are given what the loader checks."""
    assert run("schema") == (0, (ROOT / "configs/bot.schema.json").read_text(encoding="utf-8"), "")
