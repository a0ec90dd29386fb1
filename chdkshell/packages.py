"""Packages that only some commands need: chdkshell runs without them.

Those for pictures and the simulated camera have no wheels for some computers, such as Raspberry Pis
with 32 bits.
"""

from __future__ import annotations

import importlib

from chdkshell.errors import MissingPackageError, causes

_PACKAGES = {
    "numpy": ("numpy", "python3-numpy"),
    "PIL": ("pillow", "python3-pil"),
    "tifffile": ("tifffile", "python3-tifffile"),
    "lupa": ("lupa", "python3-lupa"),
    "starlette": ("starlette", "python3-starlette"),
    "uvicorn": ("uvicorn", "python3-uvicorn"),
}
"""By the names of the modules: what PyPI calls them, and what Debian does."""


def require(*modules: str) -> None:
    """Raise `MissingPackageError` unless all of these can be imported.

    For calls that would find out too late, such as after a shot.
    """
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise missing_package(error) or error from error


def find(*modules: str) -> None:
    """Raise `MissingPackageError` unless all of these are installed. They are not loaded yet."""
    from importlib.util import find_spec

    for module in modules:
        try:
            if find_spec(module) is None:
                raise ModuleNotFoundError(name=module)
        except ImportError as error:
            raise missing_package(error) or error from error


def missing_package(error: BaseException) -> MissingPackageError | None:
    """Return the error to tell where `error` came of a package that is not there, or broken."""
    for cause in causes(error):
        if isinstance(cause, ImportError):
            module = (cause.name or "").partition(".")[0]
            if module in _PACKAGES:
                package, debian = _PACKAGES[module]
                state = "installed" if isinstance(cause, ModuleNotFoundError) else "usable"
                return MissingPackageError(
                    f"this needs the Python package {package}, which is not {state}",
                    data={"package": package, "debian": debian},
                )
    return None
