"""What a run ran on: versions, processor, BLAS. No paths and no names of machines or people."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_info

from chainrule._version import __version__

_LIBRARIES = ("numpy", "scipy", "scikit-learn")


def environment() -> dict[str, str]:
    """Return what decides the numbers, and the speed, of a run; by name, in words."""
    return {
        "chainrule": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: version(name) for name in _LIBRARIES},
        "BLAS": _blas(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _blas() -> str:
    # NumPy's own library and, where it differs, SciPy's.
    libraries = [info for info in threadpool_info() if info["user_api"] == "blas"]
    names = {
        f"{info['internal_api']} {info['version']} ({info.get('architecture', 'unknown kernels')})"
        for info in libraries
    }
    return ", ".join(sorted(names)) or "unknown"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
