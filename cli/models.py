"""`models`: the shelf of models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.given_path import GivenPath
from cli.printing import count, result, result_json, say, table
from cli.session import Session
from engine.shares import exact_percent

if TYPE_CHECKING:
    from engine.card import Card
    from engine.model_shelf import Entry

_name = click.argument("name", metavar="NAME[@VERSION]")


@click.group(invoke_without_command=True, short_help="See, choose and exchange models.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """List the models on the shelf, or do something with one of them.

    NAME means its newest version, NAME@VERSION that one.
    """
    if context.invoked_subcommand is None:
        _list(context.obj, as_json)
    elif as_json:
        raise click.UsageError("--json belongs to the list: `models --json`.")


@models.command("list", short_help="List the models.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_models(session: Session, as_json: bool) -> None:
    """List the models on the shelf; the star marks the one that answers."""
    _list(session, as_json)


@models.command(short_help="Let a model answer from now on.")
@_name
@click.pass_obj
def use(session: Session, name: str) -> None:
    """Let a model answer from now on, in the window too. `models rollback` goes back."""
    entry = session.whisker.shelf.activate(name)
    result(f"{entry.reference} answers from now on.")


@models.command(short_help="Go back to the model that answered before.")
@click.pass_obj
def rollback(session: Session) -> None:
    """Go back to the model that answered before."""
    result(f"{session.whisker.shelf.roll_back().reference} answers again.")


@models.command(short_help="Show what is known of a model.")
@_name
@click.option("--json", "as_json", is_flag=True, help="The model's card as one JSON object.")
@click.pass_obj
def show(session: Session, name: str, as_json: bool) -> None:
    """Show a model's classes, how good it is, and where it came from."""
    entry = session.whisker.shelf.find(name)
    if as_json:
        result_json({**_summary(entry), "card": entry.card.as_json()})
        return
    for line in table(_facts(entry)):
        result(line)


@models.command(short_help="Copy a model out.")
@_name
@click.argument("destination", metavar="DEST", type=GivenPath())
@click.option("--format", "form", type=click.Choice(["onnx", "keras", "tflite"]), default="onnx", show_default=True)
@click.pass_obj
def export(session: Session, name: str, destination: Path, form: str) -> None:
    """Copy a model out, to a new place or into a folder that exists.

    As onnx it becomes a folder that answers without Whisker, with a README and a sample program; with a DEST that
    ends in .onnx it is the lone file, whose metadata holds classes, sizes and thresholds.
    """
    result(str(session.whisker.shelf.export(name, destination, form)))


@models.command("import", short_help="Put a model from elsewhere on the shelf.")
@click.argument("source", metavar="SOURCE", type=GivenPath())
@click.option("--name", default="", help="Call it this instead of what it calls itself.")
@click.option("--labels", metavar="FILE", type=GivenPath(), help="One class a line: SOURCE is not Whisker's own.")
@click.option(
    "--input-range", nargs=2, type=float, metavar="LOW HIGH", help="What pixels are brought to; 0 1 unless given."
)
@click.option("--mean", nargs=3, type=float, metavar="R G B", help="Then subtracted from red, green and blue.")
@click.option("--std", nargs=3, type=float, metavar="R G B", help="Then divided by.")
@click.option(
    "--size", metavar="N", type=click.IntRange(1, 4096), help="Side in pixels where the model is open to any."
)
@click.pass_obj
def import_model(
    session: Session,
    source: Path,
    name: str,
    labels: Path | None,
    input_range: tuple[float, float] | None,
    mean: tuple[float, float, float] | None,
    std: tuple[float, float, float] | None,
    size: int | None,
) -> None:
    """Put a model on the shelf as a new version, once it has proved that it answers.

    SOURCE is a bundle folder, a ZIP of one, or an ONNX file that Whisker made. With --labels it is any ONNX image
    classifier: give the normalisation that it was trained with, as in --mean 0.485 0.456 0.406 --std 0.229 0.224 0.225.
    """
    shelf = session.whisker.shelf
    if labels is None:
        if input_range or mean or std or size:
            raise click.UsageError("--input-range, --mean, --std and --size go with --labels.")
        entry = shelf.import_bundle(source, name)
    else:
        from engine.model_import import Feeding, import_foreign

        low, high = input_range or (0.0, 1.0)
        feeding = Feeding(low, high, mean or (0.0, 0.0, 0.0), std or (1.0, 1.0, 1.0), size)
        logs = session.whisker.home.logs
        entry = import_foreign(shelf, source, labels, name=name, feeding=feeding, logs=logs)
    result(f"{entry.reference} is on the shelf. `models use {entry.reference}` lets it answer.")


@models.command(short_help="Take a model off the shelf.")
@_name
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Take a model version off the shelf. `models restore` puts it back."""
    removed = session.whisker.shelf.remove(name)
    result(f"{removed.reference} is off the shelf. `models restore {removed.reference}` puts it back.")


@models.command(short_help="Put a removed model back.")
@click.argument("reference", metavar="[NAME@VERSION]", required=False)
@click.pass_obj
def restore(session: Session, reference: str | None) -> None:
    """Put a removed model back on the shelf: the last one, or the one that is named."""
    from engine.errors import ModelNotFound

    removed = [entry for entry in session.whisker.shelf.removed() if reference in (None, entry.reference)]
    if not removed:
        what = f"{reference} is not among the removed models." if reference else "No model was removed."
        known = ", ".join(entry.reference for entry in session.whisker.shelf.removed())
        raise ModelNotFound(what, f"These can be put back: {known}." if known else "")
    result(f"{session.whisker.shelf.restore(removed[-1]).reference} is back on the shelf.")


def _list(session: Session, as_json: bool) -> None:
    entries = session.whisker.shelf.list()
    if as_json:
        for entry in entries:
            result_json(_summary(entry))
    elif entries:
        heading = ("", "model", "title", "classes", "right", "taught with", "")
        rows = [heading, *(_row(entry) for entry in entries)]
        for line in table(rows, right=(3, 4)):
            result(line)
    else:
        say("There is no model on the shelf.")
    for problem in session.whisker.shelf.problems:
        say(problem)


def _row(entry: Entry) -> tuple[str, ...]:
    card = entry.card
    right = exact_percent(card.metrics["accuracy"]) if card.metrics else ""
    images = card.training.get("images")
    taught = count(images, "photo") if images else ""
    kind = "built in" if entry.builtin else ""
    return ("*" if entry.active else "", entry.reference, entry.title, str(len(card.classes)), right, taught, kind)


def _summary(entry: Entry) -> dict[str, Any]:
    card = entry.card
    return {
        "name": entry.name,
        "version": entry.version,
        "title": entry.title,
        "active": entry.active,
        "builtin": entry.builtin,
        "classes": list(card.classes),
        "input": {"width": card.input.width, "height": card.input.height},
        "recipe": card.recipe,
        "backbone": card.backbone,
        "precision": card.precision,
        "created": card.created,
        "metrics": card.metrics,
        "folder": str(entry.folder),
    }


def _facts(entry: Entry) -> list[tuple[str, ...]]:
    card = entry.card
    names = ", ".join(card.classes[:12])
    if len(card.classes) > 12:
        names += f" and {len(card.classes) - 12:,} more"
    facts = [
        ("model", f"{entry.reference}{', answers now' if entry.active else ''}{', built in' if entry.builtin else ''}"),
        ("title", card.title),
        ("classes", f"{len(card.classes):,}: {names}"),
        ("score", _score(card)),
        ("refuses", "what is unlike its training" if card.unknown_threshold is not None else "nothing"),
        ("input", f"{card.input.width} x {card.input.height} pixels"),
        ("made of", ", ".join(filter(None, (card.backbone, card.recipe, card.precision)))),
        ("taught with", str(card.training.get("description") or "")),
        ("made on", card.created[:10]),
        ("licence", card.licence),
        ("folder", str(entry.folder)),
        ("sha256", card.sha256.get("model.onnx", "")),
    ]
    return [fact for fact in facts if fact[1]]


def _score(card: Card) -> str:
    if not card.metrics:
        return ""
    low, high = card.metrics["accuracy_interval"]
    images = card.metrics["images"]
    return (
        f"{round(card.metrics['accuracy'] * images):,} of {images:,} right on photos that it had not seen"
        f" (95 % sure: {exact_percent(low)} to {exact_percent(high)})"
    )
