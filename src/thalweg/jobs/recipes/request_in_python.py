"""A request of a job as lines of Python that make it again."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from thalweg.wording import as_code

# What a page that is made again is called, and what says nothing of it.
PAGE = "report.html"
_UNSAID = ("stdin", "known", "overwrite", "predictions", "output", "report", "checkpoint")


def request_in_python(request: Any, job: str, *, told: str = "", **files: str) -> str:
    """Python that runs a job with the same request.

    Parameters
    ----------
    request : dataclass
        Its files are left out, and so is what is at its default.
    job : str
        The name of the job, a function in the module of the request.
    told : str
        The class of the listener, in `thalweg.jobs.running.listener`; "" for none.
    **files
        The files to write instead.

    Returns
    -------
    str
        Imports and a call.
    """
    kinds: dict[str, set[str]] = {type(request).__module__: {job}}
    call = _written(request, kinds, files)
    if told:
        kinds["thalweg.jobs.running.listener"] = {told}
        call += f", {told}()"
    imports = [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(kinds.items())
    ]
    return "\n".join([*imports, "", f"{job}({call})", ""])


def _written(request: Any, kinds: dict[str, set[str]], files: Mapping[str, str]) -> str:
    kinds.setdefault(type(request).__module__, set()).add(type(request).__name__)
    said = {
        each.name: _value(getattr(request, each.name), kinds)
        for each in fields(request)
        if each.name not in _UNSAID and not _is_usual(each, getattr(request, each.name))
    }
    said |= {name: repr(path) for name, path in files.items()}
    return f"{type(request).__name__}({', '.join(f'{k}={v}' for k, v in said.items())})"


def _value(value: Any, kinds: dict[str, set[str]]) -> str:
    return _written(value, kinds, {}) if is_dataclass(value) else as_code(value)


def _is_usual(field: "Field[Any]", value: Any) -> bool:
    """Whether the value is the default; an empty list or mapping is no other than none."""
    if is_dataclass(value):
        return field.default_factory is not MISSING and all(
            each.name in _UNSAID or _is_usual(each, getattr(value, each.name))
            for each in fields(value)
        )
    usual = field.default if field.default_factory is MISSING else field.default_factory()
    if isinstance(value, list | tuple) and isinstance(usual, list | tuple):
        return list(value) == list(usual)
    if usual is None and isinstance(value, list | tuple | Mapping) and not value:
        return True
    return usual is not MISSING and bool(value == usual)
