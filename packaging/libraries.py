"""Which installed libraries an edition is made of: those that pyproject.toml names, and what those ask for in turn.

Everything else in the environment (linters, test tools, notebooks) is kept out by name, because many libraries import
such things where they happen to be there.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from contents import CHECKOUT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = {"light": ("window", "server"), "full": ("window", "server", "train")}

UNUSED = frozenset({"email-validator", "dnspython", "libclang", "tensorboard", "setuptools", "wheel", "namex"})
"""Asked for by some library, used by none of the parts that Whisker uses."""


def asked_for(edition: str) -> list[str]:
    """The requirements that pyproject.toml lists for an edition."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in EXTRAS[edition] for line in extras[extra])]


def distributions(edition: str) -> dict[str, metadata.Distribution]:
    """What an edition may contain, by normal name.

    Raises:
        PackageNotFoundError: the environment lacks a library that pyproject.toml asks for.
    """
    found: dict[str, metadata.Distribution] = {}
    _gather(map(Requirement, asked_for(edition)), found)
    return found


def _gather(requirements: Iterable[Requirement], found: dict[str, metadata.Distribution], extra: str = "") -> None:
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        if name in found or name in UNUSED:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if extra:
                continue
            raise
        found[name] = distribution
        for wanted in ("", *requirement.extras):
            _gather(map(Requirement, distribution.requires or ()), found, wanted)


def records(edition: str) -> list[Path]:
    """The METADATA file of each distribution, which holds its name and version."""
    found = []
    for distribution in distributions(edition).values():
        record = next(file for file in distribution.files or () if file.name == "METADATA" and len(file.parts) == 2)
        found.append(Path(str(distribution.locate_file(record))))
    return found


def folder(package: str) -> Path:
    """Where a package is installed; it is not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(spec.origin).parent


@cache
def _top_levels() -> dict[str, set[str]]:
    """The importable names in this environment, and the distributions that each comes from."""
    owners = metadata.packages_distributions()
    return {name: {canonicalize_name(owner) for owner in each} for name, each in owners.items()}


def foreign_modules(edition: str) -> list[str]:
    """The importable names of this environment that belong to no library of this edition."""
    ours = set(distributions(edition))
    standard = sys.stdlib_module_names
    return sorted(
        name
        for name, owners in _top_levels().items()
        if name.isidentifier() and name not in standard and owners.isdisjoint(ours)
    )
