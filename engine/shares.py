"""How a share between 0 and 1 is told, on every face."""

from __future__ import annotations


def percent(share: float) -> str:
    """0.974 -> "97 %"; what is not quite all or nothing is never called 100 % or 0 %."""
    rounded = round(share * 100)
    if rounded == 100 and share < 1:
        return "> 99 %"
    if rounded == 0 and share > 0:
        return "< 1 %"
    return f"{rounded} %"


def exact_percent(share: float) -> str:
    """0.9744 -> "97.4 %": for measurements, where a tenth may matter."""
    return f"{share * 100:.1f} %"
