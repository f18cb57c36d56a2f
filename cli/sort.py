"""`sort`: one folder per class, with a way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.given_path import GivenPath
from cli.predict import gather
from cli.printing import count, result, say
from cli.progress import Progress
from cli.session import Session

if TYPE_CHECKING:
    from engine.dataset.sort_plan import SortPlan
    from engine.prediction import Outcome


@click.command(short_help="Sort photos into one folder per class.")
@click.argument("path", required=False, metavar="PATH", type=GivenPath())
@click.argument("destination", required=False, metavar="DEST", type=GivenPath(file_okay=False))
@click.option("--move", is_flag=True, help="Move the photos instead of copying them.")
@click.option(
    "--min-confidence",
    metavar="P",
    type=click.FloatRange(0, 1),
    help="Below this share (0 to 1) a photo goes to unsure/; 0.8 unless set otherwise in the window.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--undo", is_flag=True, help="Put the last sorting back as it was.")
@click.option("--model", metavar="NAME", help="Ask this model (NAME or NAME@VERSION) instead of the active one.")
@click.pass_obj
def sort(
    session: Session,
    path: Path | None,
    destination: Path | None,
    move: bool,
    min_confidence: float | None,
    dry_run: bool,
    undo: bool,
    model: str | None,
) -> int:
    """Sort the photos at PATH into DEST, one folder per class, the unsure and unknown ones into unsure/.

    Nothing is ever overwritten: a second a.jpg becomes "a (2).jpg". A journal is kept, and `sort --undo` takes the
    last sorting back.
    """
    from engine.dataset import sorter

    if undo:
        if path or destination or move or dry_run or model or min_confidence is not None:
            raise click.UsageError("--undo stands alone: `sort --undo`.")
        return _undo(session)
    if path is None or destination is None:
        raise click.UsageError("Say which photos to sort, and where to: `sort PATH DEST`.")
    if min_confidence is None:
        min_confidence = float(session.whisker.settings["sure_above"])
    outcomes, failed = _answer(session, path, model)
    plan = sorter.plan(outcomes, destination, min_confidence=min_confidence, move=move)
    if dry_run:
        for planned in plan.moves:
            result(f"{planned.source} -> {planned.target}")
        skipped = plan.skipped
    else:
        skipped = plan.skipped + _apply(session, plan)
    for source, reason in skipped:
        say(f"{source}: {reason}")
    if plan.settled:
        say(f"{count(len(plan.settled), 'photo')} there already.")
    for folder, pictures in sorted(plan.counts.items()):
        result(f"{plan.destination / folder}: {count(pictures, 'photo')}")
    return 1 if failed or skipped else 0


def _undo(session: Session) -> int:
    from engine.dataset import sorter

    left: list[Path] = []

    def on_left(file: Path, reason: str) -> None:
        left.append(file)
        say(f"{file}: {reason}")

    result(f"{count(sorter.undo(session.whisker.home.journals, on_left), 'photo')} put back.")
    return 1 if left else 0


def _apply(session: Session, plan: SortPlan) -> tuple[tuple[Path, str], ...]:
    """Do what is planned; the pictures that were gone by then, with the reason."""
    from engine.dataset import sorter

    with Progress(len(plan.moves), "photos") as progress:
        try:
            journal = sorter.apply(plan, session.whisker.home.journals, progress=lambda *_: progress.step())
        except KeyboardInterrupt:
            progress.clear()
            say("What was sorted so far stays; `sort --undo` takes it back.")
            raise
    if journal.sorted:
        done = "Moved" if plan.move else "Copied"
        say(f"{done} {count(journal.sorted, 'photo')}. `sort --undo` takes it back.")
    return journal.skipped


def _answer(session: Session, path: Path, model: str | None) -> tuple[list[Outcome], int]:
    files, failed = gather([path])
    predictor = session.predictor(model)
    outcomes = []
    with Progress(len(files), "photos") as progress:
        for _, outcome in session.whisker.classify_many(files, origin="cli", predictor=predictor):
            outcomes.append(outcome)
            progress.step()
    return outcomes, failed
