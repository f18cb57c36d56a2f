"""Findings about single pictures: whether they open, are what they are named, and show anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine import images
from engine.dataset.doctor.findings import Finding, Fix, Kind
from engine.dataset.survey import Look

# Grey levels, 0 to 255; sharpness as in `survey`. Each flags less than 1 % of ordinary photos (docs/doctor.md).
DARK_BELOW = 70.0
BRIGHT_ABOVE = 190.0
LEAST_SPREAD = 40.0
BLURRY_BELOW = 0.1
SMALL_BELOW = 64
"""Pixels of the shorter side; models look at 224 and more."""
LONGEST_SHAPE = 3.0
"""Pictures are squashed to a square: beyond this ratio things in them are hard to know."""

# When so large a share of a folder has a trait, it is how these pictures are, and is said once.
NORM_SHARE = 0.3
NORM_COUNT = 20

_SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "BMP": (".bmp", ".dib"),
    "DIB": (".dib", ".bmp"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
    "HEIF": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
    "GIF": (".gif",),
}
_NAMES = {"WEBP": "WebP", "HEIF": "HEIC", "DIB": "BMP"}


def unreadable(looks: Sequence[Look]) -> Iterator[Finding]:
    for look in looks:
        if look.error is not None:
            # A locked file cannot be moved either.
            fix = Fix.QUARANTINE if look.content else Fix.NONE
            yield Finding(Kind.UNREADABLE, look.path, None, str(look.error), fix)


def misnamed(looks: Sequence[Look]) -> Iterator[Finding]:
    for look in looks:
        if look.error is None and look.form is not None and right_suffix(look.path, look.form) is not None:
            name = images.display_name(look.path)
            message = f"{name} is a {_NAMES.get(look.form, look.form)} file under another format's name."
            yield Finding(Kind.MISNAMED, look.path, None, message, Fix.RENAME)


def right_suffix(path: Path, form: str) -> str | None:
    """The suffix that a picture of this format should have; None where its own is right, or the format is unknown."""
    known = _SUFFIXES.get(form, ())
    return known[0] if known and path.suffix.lower() not in known else None


def poor(looks: Sequence[Look], folder: Path) -> Iterator[Finding]:
    """Dark, bright, empty, blurred, small and narrow pictures; one finding for all where most of the folder is so."""
    by_kind: dict[Kind, list[Finding]] = {}
    opened = [look for look in looks if look.error is None]
    for look in opened:
        for finding in _traits(look):
            by_kind.setdefault(finding.kind, []).append(finding)
    for kind, findings in by_kind.items():
        if len(findings) >= NORM_COUNT and len(findings) >= NORM_SHARE * len(opened):
            message = (
                f"{len(findings):,} of {len(opened):,} photos: {kind.title.lower()}. "
                "A model can learn from such photos if those it will be asked about are alike."
            )
            yield Finding(kind, folder, None, message)
        else:
            yield from findings


def _traits(look: Look) -> Iterator[Finding]:
    name = images.display_name(look.path)

    def found(kind: Kind, message: str, fix: str = Fix.QUARANTINE) -> Finding:
        return Finding(kind, look.path, None, f"{name} {message}", fix)

    if look.brightest < DARK_BELOW:
        yield found(Kind.TOO_DARK, "is nearly black.")
    elif look.darkest > BRIGHT_ABOVE:
        yield found(Kind.TOO_BRIGHT, "is nearly white.")
    elif look.brightest - look.darkest < LEAST_SPREAD:
        yield found(Kind.LOW_CONTRAST, "is nearly all of one shade.")
    elif look.sharpness < BLURRY_BELOW:
        yield found(Kind.BLURRY, "is blurred.")
    short, long = sorted((look.width, look.height))
    size = f"{look.width} x {look.height} pixels"
    if short < SMALL_BELOW:
        yield found(Kind.TOO_SMALL, f"has only {size}; a larger copy would be better.", Fix.NONE)
    if long > LONGEST_SHAPE * short:
        yield found(Kind.ODD_SHAPE, f"is long and narrow ({size}); crop it to what matters.", Fix.NONE)
