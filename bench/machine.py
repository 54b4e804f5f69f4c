"""What the numbers were measured on."""

import os
import platform
from datetime import date
from importlib import import_module
from pathlib import Path

from threadpoolctl import threadpool_info


def processor() -> str:
    """The processor's name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    for line in told.read_text().splitlines() if told.exists() else []:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def vectors() -> str:
    """The widest vector instructions that the system lists."""
    told = Path("/proc/cpuinfo")
    flags = set(told.read_text().split()) if told.exists() else set()
    known = {"avx512f": "AVX-512", "avx2": "AVX2", "asimd": "NEON"}
    return next((name for flag, name in known.items() if flag in flags), "not told")


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def openblas() -> str:
    """Version of SciPy's OpenBLAS and the kernels that it takes on this machine."""
    import_module("scipy.linalg.blas")  # loads the library
    for library in threadpool_info():
        if library["internal_api"] == "openblas" and "scipy.libs" in library["filepath"]:
            return f"{library['version']}, kernels for {library['architecture']}"
    return "not found"


def facts() -> dict[str, str]:
    """All of it, by name."""
    return {
        "date": date.today().isoformat(),
        "processor": processor(),
        "vector instructions": vectors(),
        "cores": str(cores()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "SciPy's OpenBLAS": openblas(),
    }
