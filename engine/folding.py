"""Text as it is searched for: without regard to capitals, accents and how a system writes them."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """ "Été À La Mer.JPG" -> "ete a la mer.jpg"; the same for a name as macOS decomposes it."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
