"""How to ask the server from elsewhere: lines to copy that work as they stand, once photo.jpg is a photo."""

from __future__ import annotations

PHOTO = "photo.jpg"
LANGUAGES = ("curl", "Python", "JavaScript")
NOTES = {
    "curl": "For a terminal. Put your photo's name in place of photo.jpg.",
    "Python": "Needs nothing but Python itself.",
    "JavaScript": "Node 18 or newer: save it as ask.mjs, then run node ask.mjs.",
}


def snippets(address: str, token: str | None) -> dict[str, str]:
    """For each of LANGUAGES, a program that prints what is on PHOTO.

    Args:
        address: As http://127.0.0.1:5000.
        token: What the server wants to be shown; None when it wants nothing.
    """
    return {
        "curl": _curl(address, token),
        "Python": _python(address, token),
        "JavaScript": _javascript(address, token),
    }


def _curl(address: str, token: str | None) -> str:
    header = f'-H "Authorization: Bearer {token}" ' if token else ""
    return f"curl {header}-F file=@{PHOTO} {address}/api/predict"


def _python(address: str, token: str | None) -> str:
    header = f'\nrequest.add_header("Authorization", "Bearer {token}")' if token else ""
    return f"""\
import json
from urllib.request import Request, urlopen

with open("{PHOTO}", "rb") as photo:
    request = Request("{address}/api/predict", photo.read()){header}
with urlopen(request) as reply:
    answer = json.load(reply)
print(answer["predicted_class"], answer["confidence"])"""


def _javascript(address: str, token: str | None) -> str:
    header = f'\n  headers: {{ Authorization: "Bearer {token}" }},' if token else ""
    return f"""\
import {{ readFile }} from "node:fs/promises";

const reply = await fetch("{address}/api/predict", {{
  method: "POST",{header}
  body: await readFile("{PHOTO}"),
}});
const answer = await reply.json();
console.log(answer.predicted_class, answer.confidence);"""
