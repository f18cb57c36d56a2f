"""packaging/setup.sh in a copy of the checkout, with Pythons and system tools that only pretend."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
TOOLS = ("dirname", "uname", "id", "cmp", "sort", "tr", "cp", "rm", "mkdir", "cat", "chmod")
# Writes down what it is asked; answers `-m venv` by making one whose python is itself; fails pip when told to.
PRETENDED_PYTHON = """#!/bin/sh
echo "$*" >> "{log}"
case "$*" in
--version) echo "Python 3.13.0" ;;
"-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
*"pip install"*) test ! -e "{log}.broken" ;;
esac
"""


class Machine:
    """A checkout and a PATH that holds nothing but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.checkout, self.bin, self.log = root / "checkout", root / "bin", root / "log"
        (self.checkout / "packaging").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("packaging/setup.sh", "pins.txt"):
            shutil.copy(CHECKOUT / name, self.checkout / name)
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            # Not a link: `add` must never reach the machine's own tool.
            self.add(tool, f'#!/bin/sh\nexec {found} "$@"\n')
        # Every system library is there, unless a test says otherwise.
        libraries = [
            line.split()[0] for line in (CHECKOUT / "packaging/setup.sh").read_text().splitlines() if ".so" in line
        ]
        self.add("ldconfig", "#!/bin/sh\n" + "".join(f"echo '{name} (libc6) => /lib/{name}'\n" for name in libraries))

    def add(self, name: str, script: str) -> None:
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def add_python(self, name: str) -> None:
        self.add(name, PRETENDED_PYTHON.format(log=self.log))

    def setup(self, what: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["packaging/setup.sh", what],
            cwd=self.checkout,
            env={"PATH": str(self.bin), **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def installs(self) -> int:
        """How often pip was asked to install."""
        return self.log.read_text().count("pip install") if self.log.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_that_without_a_fitting_python_one_sentence_says_what_to_install(machine: Machine) -> None:
    machine.add("python3.12", "#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2; exit 127\n")
    ran = machine.setup("environment")
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "Python 3.11, 3.12 or 3.13" in ran.stderr


def test_that_the_newest_fitting_python_is_chosen_unless_another_is_named(machine: Machine) -> None:
    machine.add_python("python3.11")
    machine.add_python("python3.13")
    machine.add("python3.12", "#!/bin/sh\nexit 1\n")
    assert machine.setup("environment").returncode == 0
    ran = machine.setup("environment", PYTHON="python3.12")
    assert ran.returncode == 0, "an environment that stands needs no other Python"
    shutil.rmtree(machine.checkout / ".venv")
    ran = machine.setup("environment", PYTHON="python3.12")
    assert ran.returncode == 1
    assert ran.stderr.startswith("python3.12 is not a Python 3.11, 3.12 or 3.13 that runs here.")


def test_that_a_second_setup_does_nothing(machine: Machine) -> None:
    machine.add_python("python3.13")
    assert "Making .venv with Python 3.13.0" in machine.setup("window").stderr
    ran = machine.setup("window")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert machine.installs() == 1


def test_that_changed_pins_are_installed(machine: Machine) -> None:
    machine.add_python("python3.13")
    machine.setup("environment")
    with (machine.checkout / "pins.txt").open("a") as pins:
        pins.write("another==1.0\n")
    machine.setup("environment")
    assert machine.installs() == 2


def test_that_an_installation_that_failed_is_tried_again(machine: Machine) -> None:
    machine.add_python("python3.13")
    broken = Path(f"{machine.log}.broken")
    broken.touch()
    assert machine.setup("environment").returncode != 0
    broken.unlink()
    assert machine.setup("environment").returncode == 0
    assert machine.installs() == 2


def test_that_missing_libraries_are_named_in_one_line_where_nothing_may_be_installed(machine: Machine) -> None:
    machine.add_python("python3.13")
    machine.add("ldconfig", "#!/bin/sh\necho 'libGL.so.1 (libc6) => /lib/libGL.so.1'\n")
    ran = machine.setup("window")
    (line,) = [line for line in ran.stderr.splitlines() if "install" in line and "Installing" not in line]
    assert "libegl1" in line
    assert "libxcb-cursor0" in line
    assert "libgl1 " not in line
    assert ran.returncode == 0, "the terminal can answer without them"


def test_that_missing_packages_are_installed_where_they_may_be(machine: Machine) -> None:
    machine.add_python("python3.13")
    machine.add("ldconfig", "#!/bin/sh\n")
    machine.add("id", "#!/bin/sh\necho 0\n")
    machine.add("env", '#!/bin/sh\nshift; exec "$@"\n')
    machine.add("apt-get", f'#!/bin/sh\necho "apt-get $*" >> "{machine.log}"\n')
    machine.add("apt-cache", "#!/bin/sh\nexit 0\n")
    assert machine.setup("tests").returncode == 0
    (asked,) = [line for line in machine.log.read_text().splitlines() if line.startswith("apt-get")]
    assert {"libegl1", "libglib2.0-0t64", "xvfb", "xauth"} <= set(asked.split())
    assert "libglib2.0-0" not in asked.split()
