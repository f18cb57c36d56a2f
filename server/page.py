"""The pages for people: the one at /, and the API's own. They come without data, which their scripts ask for."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from apiflask import APIBlueprint
from flask import Response, abort, render_template, send_file

from engine.paths import resources, samples
from server.replies import JSON, encoded
from server.room import Room

SAMPLES = 6


def routes(room: Room) -> APIBlueprint:
    """The pages and what only they need."""
    blueprint = APIBlueprint("page", __name__, enable_openapi=False)

    @blueprint.get("/")
    def home() -> str:
        return render_template("index.html")

    @blueprint.get("/api/docs")
    def docs() -> str:
        return render_template("docs.html")

    @blueprint.get("/theme.css")
    def theme() -> Response:
        return Response(theme_css(), content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    @blueprint.get("/favicon.ico")
    def icon() -> Response:
        drawing = (resources() / "icons" / "whisker.svg").read_bytes()
        return Response(drawing, content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    @blueprint.get("/samples")
    def sample_names() -> Response:
        return Response(encoded({"samples": [file.name for file in sample_files()]}), content_type=JSON)

    @blueprint.get("/samples/<int:number>")
    def sample(number: int) -> Response:
        # By number: no name that a client sends leads to a file.
        files = sample_files()
        if number >= len(files):
            abort(404)
        return send_file(files[number])

    return blueprint


@cache
def sample_files() -> list[Path]:
    """A few of the pictures that came with the program, in formats every browser shows."""
    folder = samples()
    shown = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [file for file in shown if file.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")][:SAMPLES]


@cache
def theme_css() -> str:
    """The theme's tokens as custom properties: light, and dark where the system or the person asks for it."""
    tokens = json.loads((resources() / "theme" / "tokens.json").read_text(encoding="utf-8"))

    def properties(name: str) -> str:
        roles = "".join(f"--{role.replace('_', '-')}:{colour};" for role, colour in tokens[name].items())
        return f"{roles}color-scheme:{name};"

    corners = "".join(f"--corner-{name}:{size}px;" for name, size in tokens["corner"].items())
    sizes = "".join(f"--size-{name}:{size / 16}rem;" for name, size in tokens["type"].items())
    chart = "".join(f"--chart-{number}:{colour};" for number, colour in enumerate(tokens["chart"], 1))
    dark = properties("dark")
    return (
        f":root{{{properties('light')}{corners}{sizes}{chart}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-bs-theme=light]){{{dark}}}}}\n"
        f":root[data-bs-theme=dark]{{{dark}}}\n"
    )
