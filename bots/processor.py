"""A processor named in YAML -> its class, with all that keeps it from being built.

`bots.checks` asks at load, so that a typo is found by `offhook check` and not by a caller;
`bots.pipeline` asks again to build it.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from bots.complaint import Complaint
from bots.spec import ProcessorSpec
from bots.suggest import did_you_mean, nearest


def processor_class(spec: ProcessorSpec) -> type[Any]:
    """The class, once `check_processor` has found nothing. Raises ImportError, AttributeError."""
    module, _, name = spec.use.partition(":")
    return getattr(_import(module), name)


def check_processor(spec: ProcessorSpec) -> list[Complaint]:
    """What is wrong with a processor: its module, its class, its kind, its arguments."""
    path = ("use",)
    module_name, _, name = spec.use.partition(":")
    try:
        module = _import(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name + ".").startswith(error.name + "."):
            cause = f"There is no module `{error.name}`."
            fix = "Install it, or put it where offhook is started."
        else:
            cause = f"`{module_name}` imports `{error.name}`, which is not installed."
            fix = "Install that."
        return [Complaint(path, "processor_module", cause, fix)]
    except Exception as error:  # the module is the operator's: anything may come out of it
        cause = f"`{module_name}` fails when imported: {type(error).__name__}: {error}"
        return [Complaint(path, "processor_import", _sentence(cause), "Mend the module.")]
    found = getattr(module, name, None)
    if found is None:
        classes = [key for key, value in vars(module).items() if inspect.isclass(value)]
        near = nearest(name, classes)
        fix = f"Did you mean `{module_name}:{near}`?" if near else "Mend the name after the colon."
        cause = f"`{module_name}` has no class `{name}`."
        return [Complaint(path, "processor_class", cause, fix)]
    if not _is_processor(found):
        cause = f"`{name}` is no frame processor."
        fix = "Derive it from pipecat.processors.frame_processor.FrameProcessor."
        return [Complaint(path, "processor_kind", cause, fix)]
    return _arguments(found, spec)


def _import(module: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        # A console script starts with its own folder on the path, not with the operator's.
        sys.path.append(here)
    return importlib.import_module(module)


def _is_processor(found: Any) -> bool:
    known = sys.modules.get("pipecat.processors.frame_processor")
    return known is not None and inspect.isclass(found) and issubclass(found, known.FrameProcessor)


def _arguments(found: type[Any], spec: ProcessorSpec) -> list[Complaint]:
    known, required = _parameters(found)
    complaints = [
        Complaint(
            ("with", name),
            "processor_argument",
            f"`{found.__name__}` takes no argument `{name}`.",
            did_you_mean(name, known, noun="arguments"),
            at_key=True,
        )
        for name in spec.with_
        if name not in known
    ]
    complaints += [
        Complaint(
            (),
            "processor_argument_missing",
            f"`{found.__name__}` needs the argument `{name}`.",
            f"Add `with: {{{name}: ...}}`.",
        )
        for name in required
        if name not in spec.with_
    ]
    return complaints


def _parameters(found: type[Any]) -> tuple[list[str], list[str]]:
    """The names a constructor takes, and those it must be given.

    `**kwargs` goes on to the next class; Pipecat's root swallows what is left over, so a name that
    no class declares would be lost.
    """
    known: list[str] = []
    required: list[str] = []
    is_outermost = True
    for owner in found.__mro__:
        init = vars(owner).get("__init__")
        if init is None or not inspect.isfunction(init):
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        for parameter in parameters:
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                known.append(parameter.name)
                if parameter.default is parameter.empty and is_outermost:
                    required.append(parameter.name)
        is_outermost = False  # what an inner class needs, the outer one may give it
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break
    return list(dict.fromkeys(known)), required


def _sentence(text: str) -> str:
    line = " ".join(text.split())[:300]
    return line if line.endswith(".") else f"{line}."
