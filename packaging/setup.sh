#!/bin/sh
# Makes a checkout ready to run. Each step looks first and does nothing when all is there.
#
#   packaging/setup.sh environment     .venv with the versions of pins.txt
#   packaging/setup.sh window          that, and the system libraries of the window
#   packaging/setup.sh tests           that, and the X server of the tests
#   packaging/setup.sh slow            that, and what only the slow tests take: a browser, an accessibility client
#   packaging/setup.sh package         the same as tests, and what builds and tries out the packaged program
#
# PYTHON=/path/to/python chooses the Python for a new .venv.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# library                 Debian package that brings it
WINDOW_LIBRARIES='
libGL.so.1                libgl1
libEGL.so.1               libegl1
libX11.so.6               libx11-6
libX11-xcb.so.1           libx11-xcb1
libxkbcommon.so.0         libxkbcommon0
libxkbcommon-x11.so.0     libxkbcommon-x11-0
libfontconfig.so.1        libfontconfig1
libfreetype.so.6          libfreetype6
libdbus-1.so.3            libdbus-1-3
libgthread-2.0.so.0       libglib2.0-0
libxcb-cursor.so.0        libxcb-cursor0
libxcb-icccm.so.4         libxcb-icccm4
libxcb-image.so.0         libxcb-image0
libxcb-keysyms.so.1       libxcb-keysyms1
libxcb-randr.so.0         libxcb-randr0
libxcb-render-util.so.0   libxcb-render-util0
libxcb-shape.so.0         libxcb-shape0
libxcb-xkb.so.1           libxcb-xkb1
'

# program                 Debian package that brings it
TEST_PROGRAMS='
Xvfb                      xvfb
xvfb-run                  xvfb
xauth                     xauth
strace                    strace
'

# program                 Debian package that brings it
PACKAGE_PROGRAMS='
strip                     binutils
zstd                      zstd
strace                    strace
pgrep                     procps
git                       git
'

supported() { # Is "$1" a Python that runs, 3.11 to 3.13? (A pyenv shim may exist and yet refuse to run.)
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if supported "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    if [ -n "${PYTHON:-}" ]; then
        say "$PYTHON is not a Python 3.11, 3.12 or 3.13 that runs here."
    else
        say "Whisker needs Python 3.11, 3.12 or 3.13, and none was found: install one (Debian, Ubuntu: apt install python3 python3-venv)."
    fi
    return 1
}

as_root() { # Run a command as root if that is possible without asking anybody.
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

apt_install() {
    set -- env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
    # The lists of a fresh machine are empty or old: then they are fetched, once, and it is tried again.
    as_root "$@" </dev/null >/dev/null 2>&1 ||
        { as_root apt-get update -qq </dev/null >/dev/null && as_root "$@" </dev/null >/dev/null; }
}

missing_for_environment() { # Debian's python3 comes without venv, which is a package of its own.
    supported .venv/bin/python || "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

missing_for_window() {
    known=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null || true)
    printf '%s' "$WINDOW_LIBRARIES" | while read -r library package; do
        case $known in *"${library:-.so} "*) continue ;; esac
        # Newer releases renamed this one when its time_t grew.
        if [ "$package" = libglib2.0-0 ] && apt-cache show libglib2.0-0t64 >/dev/null 2>&1; then
            package=libglib2.0-0t64
        fi
        [ -z "$package" ] || printf '%s\n' "$package"
    done
}

missing_programs() {
    printf '%s' "$1" | while read -r program package; do
        [ -z "$program" ] || command -v "$program" >/dev/null 2>&1 || printf '%s\n' "$package"
    done
}

missing_for_tests() {
    missing_programs "$TEST_PROGRAMS"
}

missing_for_package() {
    missing_programs "$PACKAGE_PROGRAMS"
}

missing_for_browser() {
    command -v chromium >/dev/null 2>&1 || printf 'chromium\n'
}

missing_for_accessibility() { # The client is Debian's, for Debian's own Python: PyPI has none.
    command -v dbus-run-session >/dev/null 2>&1 || printf 'dbus\n'
    [ -x /usr/libexec/at-spi-bus-launcher ] || printf 'at-spi2-core\n'
    /usr/bin/python3 -c 'import pyatspi' 2>/dev/null || printf 'python3-pyatspi\ngir1.2-atspi-2.0\n'
}

system() { # What is missing of the system, for those parts: install it, or say so in one line.
    [ "$(uname -s)" = Linux ] || return 0
    missing=$(for part in "$@"; do "missing_for_$part"; done | sort -u | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    if may_install; then
        say "Installing ${missing% }"
        if apt_install $missing; then return 0; fi
    fi
    say "Please install ${missing% } (Debian, Ubuntu: sudo apt install ${missing% })."
}

environment() {
    if cmp -s pins.txt .venv/pins.txt && supported .venv/bin/python; then return 0; fi
    if ! supported .venv/bin/python; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || return 1 # It was said above what to install.
        say "Making .venv with $("$python" --version)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    say "Installing what Whisker stands on, as pins.txt names it (once; some 600 MB)"
    quiet=
    [ -t 2 ] || quiet=--quiet
    PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install $quiet --requirement pins.txt </dev/null >&2
    cp pins.txt .venv/pins.txt # Written last: it says that all of it is installed.
}

case ${1:-} in
environment) parts="environment" ;;
window) parts="environment window" ;;
tests) parts="environment window tests" ;;
slow) parts="environment window tests browser accessibility" ;;
package) parts="environment window tests package" ;;
*)
    say "Usage: packaging/setup.sh environment|window|tests|slow|package"
    exit 2
    ;;
esac
supported .venv/bin/python || python=$(find_python)
system $parts
environment
