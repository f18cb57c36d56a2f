"""Write docs/guide/preferences.md from the settings' own description of themselves. Run by `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "guide" / "preferences.md"
sys.path.insert(0, str(CHECKOUT))

from engine.settings_schema import GROUPS, SCHEMA, Kind, Setting  # noqa: E402

INTRODUCTION = """\
# Preferences

Open **Preferences** at the lower left (`Ctrl+,`). What you change holds at once, in the window, the terminal and the
server; there is nothing to save. The arrow beside a changed setting leads back to its default. Type into the field at
the top (`Ctrl+F`) to find a setting by any word of its sentence.

![Every setting with its sentence](../images/preferences.png)

**Model that answers** is the same choice as at the lower left of the window. **Where Whisker keeps things** names the
home, opens it, and says how to move it.
"""
FOR_PROGRAMS = """
## For programs

The settings are kept in `settings.json` in the home, under the names in the last column, and only those that were
changed.
"""


def page() -> str:
    """The whole page, made by `make docs`."""
    parts = [INTRODUCTION]
    for group in GROUPS:
        shown = [setting for setting in SCHEMA.values() if setting.group == group and not setting.hidden]
        rows = "\n".join(f"| **{each.title}** | {each.description} | {value(each)} | `{each.key}` |" for each in shown)
        parts.append(f"\n## {group}\n\n| setting | | at first | name |\n|---|---|---|---|\n{rows}\n")
    return "".join(parts) + FOR_PROGRAMS


def value(setting: Setting) -> str:
    """A setting's default as a person reads it."""
    default = setting.default
    if setting.kind is Kind.SWITCH:
        return "on" if default else "off"
    if setting.kind is Kind.FRACTION:
        return f"{default:.0%}".replace("%", " %")
    if setting.kind is Kind.CHOICE and setting.words:
        return setting.words[setting.choices.index(str(default))]
    if setting.kind is Kind.INTEGER and setting.unit:
        return f"{default} {setting.unit}"
    return str(default)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
