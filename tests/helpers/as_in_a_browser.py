"""CPython in the disguise of Pyodide: no threads, no processes, no Numba, one core.

``python tests/helpers/as_in_a_browser.py SCRIPT ARGUMENT ...`` runs a script so. Other versions of
packages, and how slow Pyodide is, are not in it.
"""

import _thread
import os
import runpy
import subprocess
import sys
import sysconfig
import threading
from importlib import metadata


def refuse(*_, **__):
    """As WebAssembly does."""
    raise RuntimeError("can't start new thread")


def refuse_process(*_, **__):
    """As Emscripten does."""
    raise OSError(138, "Function not implemented")


# What Pyodide does not have, or has only where somebody loads it.
LACKING = {
    "resource", "numba", "llvmlite", "psutil", "pyarrow", "distributed", "markdown_it", "mdurl",
}  # fmt: skip
found_distribution = metadata.Distribution.from_name


def no_such_distribution(name):
    """Without those of the packages that are not there."""
    if name in LACKING:
        raise metadata.PackageNotFoundError(name)
    return found_distribution(name)


class NoSuchPackage:
    """Finds none of the packages that Pyodide lacks, or that nobody asked it for."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LACKING:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)


def put_on():
    """Put the disguise on; before thalweg is imported."""
    sysconfig.get_config_vars()  # of this Python, which pandas asks for
    sys.platform = "emscripten"
    sys.meta_path.insert(0, NoSuchPackage())
    metadata.Distribution.from_name = no_such_distribution
    for module in (_thread, threading):
        for name in ("start_new_thread", "_start_new_thread", "start_joinable_thread",
                     "_start_joinable_thread"):  # fmt: skip
            if hasattr(module, name):
                setattr(module, name, refuse)
    os.cpu_count = lambda: 1
    for name in ("fork", "posix_spawn", "system"):
        setattr(os, name, refuse_process)
    subprocess.Popen.__init__ = refuse_process
    for name in ("sched_getaffinity", "process_cpu_count"):
        if hasattr(os, name):
            delattr(os, name)


if __name__ == "__main__":
    del sys.argv[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
    put_on()
    runpy.run_path(sys.argv[0], run_name="__main__")
