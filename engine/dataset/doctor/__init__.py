"""The data doctor: what is wrong with a labelled folder, and what to do about it."""

from __future__ import annotations

from engine.dataset.doctor.classes import too_small
from engine.dataset.doctor.examine import Report, examine
from engine.dataset.doctor.findings import Finding, Fix, Kind
from engine.dataset.doctor.fixes import apply_fix, apply_fixes

__all__ = ["Finding", "Fix", "Kind", "Report", "apply_fix", "apply_fixes", "examine", "too_small"]
