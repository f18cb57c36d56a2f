"""Takes out of a text what is the person's own, so that it can be shown to whoever helps.

Folders become short names, the person's own name `<user>`, tokens `<token>`. From a fault's report, whose words may
come from anywhere, names of files and whatever stood in quotes go as well.
"""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Sequence
from pathlib import Path

_SUFFIXES = r"(?:jpe?g|jpe|jfif|png|bmp|dib|tiff?|webp|gif|hei[cf]s?|avif|jp2|csv|zip|onnx|keras|txt|json)"
# A path may have blanks in it; it begins at a root and ends with a suffix, or where a word ends.
_FILE = re.compile(rf"(?:~|<\w+>|[A-Za-z]:|\\\\)?[\\/][^\n\"'`<>|*?:;,]*?\.{_SUFFIXES}\b", re.IGNORECASE)
_NAME = re.compile(rf"[^\s\"'`<>|*?:;,()\\/]+\.{_SUFFIXES}\b", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w<~/])(?:[A-Za-z]:[\\/]|\\\\|/)[^\s\"'`<>|*?:;,()]+")
_TOKEN = re.compile(
    r"(?i)\b(authorization[\"']?\s*[=:]\s*[\"']?(?:\w+\s+)?|bearer\s+|token[\"']?\s*[=:]\s*[\"']?)[^\s\"',;]+"
)
_QUOTED = re.compile(r"([\"'`])(?:(?!\1).)*\1")

FILE, TEXT, TOKEN, USER, PATH = "<file>", "<text>", "<token>", "<user>", "<path>"


class Redactor:
    """
    Args:
        secrets: Texts that must not be seen, such as the server's token.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if len(secret) > 3]
        self._home = str(Path.home())
        try:
            self._user = getpass.getuser()
        except (KeyError, OSError, ImportError):
            self._user = ""

    def __call__(self, text: str) -> str:
        """`text` without the person's name and without tokens; the home folder is `~`."""
        for secret in self._secrets:
            text = text.replace(secret, TOKEN)
        text = _TOKEN.sub(rf"\1{TOKEN}", text)
        if len(self._home) > 1:
            text = text.replace(self._home, "~")
        if not self._user:
            return text
        # As a whole word only: a user called "on" must not mangle every other word.
        return re.sub(rf"(?<![\w-]){re.escape(self._user)}(?![\w-])", USER, text)

    def message(self, text: str, *, quoted: bool = True) -> str:
        """The same for words that may come from anywhere: no file, no path, and with `quoted` nothing in quotes."""
        if quoted:
            text = _QUOTED.sub(TEXT, text)
        text = _FILE.sub(FILE, text)
        text = _NAME.sub(FILE, text)
        return self(_PATH.sub(PATH, text))

    def source(self, path: str) -> str:
        """The path of a source file, from the program's or Python's own folder on; of others the name alone."""
        from engine.paths import program_folder

        file = Path(path)
        for folder, name in ((program_folder(), "whisker"), *((Path(prefix), "python") for prefix in _pythons())):
            if file.is_relative_to(folder):
                # A virtual environment in the program's folder is Python's.
                short = file.relative_to(folder).as_posix()
                return f"{'python' if 'site-packages' in short else name}/{short}"
        return file.name


def _pythons() -> list[str]:
    return [sys.prefix, sys.base_prefix]
