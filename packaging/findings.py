"""What was tried out, and whether it held."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Findings:
    """Each check's line, printed as it comes, and how many failed."""

    failed: int = 0
    lines: list[str] = field(default_factory=list)

    def say(self, sound: bool, what: str, figure: str = "") -> None:
        """Note whether `what` was sound; a figure, or what was wrong with it."""
        self.failed += not sound
        line = f"{'ok    ' if sound else 'FAILED'}  {what}{': ' if figure else ''}{figure}"
        self.lines.append(line)
        print(line, flush=True)
