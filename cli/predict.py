"""`predict`: what is on these pictures?"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.given_path import GivenPath
from cli.printing import result, result_json, say
from cli.progress import Progress
from cli.session import Session
from engine.shares import percent

if TYPE_CHECKING:
    from engine.bulletin import News, NotRemembered
    from engine.prediction import Outcome, Prediction


CSV_HELP = "Write a table for a spreadsheet, too; - writes it to standard output instead of the answers."
TO_STANDARD_OUTPUT = Path("-")


@click.command(short_help="Say what is on photos.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=GivenPath())
@click.option("--model", metavar="NAME", help="Ask this model (NAME or NAME@VERSION) instead of the active one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "csv_file", metavar="FILE", type=GivenPath(), help=CSV_HELP)
@click.option("--top", metavar="K", type=click.IntRange(min=1), help="Only the K best classes of each photo.")
@click.option(
    "--explain",
    "explain_folder",
    metavar="DIR",
    type=GivenPath(file_okay=False),
    help="Write a heat map for each into DIR: a PNG that shows where the model looked.",
)
@click.pass_obj
def predict(
    session: Session,
    paths: tuple[Path, ...],
    model: str | None,
    as_json: bool,
    csv_file: Path | None,
    top: int | None,
    explain_folder: Path | None,
) -> int:
    """Say what is on photos: files, and folders with all that is in them.

    Answers come in the order of the paths. A photo that cannot be read is named, and the others are
    answered all the same; the exit code is then 1.
    """
    from engine.errors import ImageError
    from engine.image_formats import SUFFIXES
    from engine.prediction import Failure

    if csv_file is not None and csv_file.suffix.lower() in SUFFIXES:
        # As after `--csv *.jpg`, where the shell names the first photo.
        raise click.UsageError(f"--csv writes over {csv_file}, which is named like a photo. Name it as in answers.csv.")
    table_alone = csv_file == TO_STANDARD_OUTPUT
    if table_alone and as_json:
        raise click.UsageError("--json and --csv - both want standard output. Name a file for the table.")
    files, failed = gather(paths)
    predictor = session.predictor(model)
    sure_above = float(session.whisker.settings["sure_above"])
    # On one terminal, each answer would be written into the progress bar.
    lines_meet = sys.stdout.isatty()
    answered = unexplained = 0
    forgotten: list[NotRemembered] = []
    with ExitStack() as stack:
        stack.callback(session.whisker.bulletin.listen(lambda news: _note(news, forgotten)))
        table = heat_maps = None
        if csv_file is not None:
            from engine.table import Table

            table = stack.enter_context(Table(None if table_alone else csv_file, predictor.classes, files, top))
        if explain_folder is not None:
            from cli.heat_maps import HeatMaps

            heat_maps = HeatMaps(explain_folder, predictor, files)
        progress = stack.enter_context(Progress(len(files), "photos"))
        for _, outcome in session.whisker.classify_many(files, origin="cli", predictor=predictor):
            if lines_meet or isinstance(outcome, Failure):
                progress.clear()
            if _show(outcome, as_json, top, sure_above, aloud=not table_alone):
                answered += 1
            else:
                failed += 1
            if table is not None:
                table.add(outcome)
            if heat_maps is not None:
                try:
                    heat_maps.write(outcome)
                except ImageError as error:
                    # It was there a moment ago, and has its answer; the others are explained all the same.
                    progress.clear()
                    say(f"{outcome.path}: it has no heat map. {error}")
                    unexplained += 1
            progress.step()
    if forgotten:
        say(f"{forgotten[0].message} {forgotten[0].hint}".rstrip())
    if failed:
        say(f"{answered:,} answered, {failed:,} failed.")
    return 1 if failed or unexplained else 0


def gather(paths: Iterable[Path]) -> tuple[list[Path], int]:
    """Every picture at `paths`, sorted by path, and the number of folders that gave none, each named on stderr.

    A file that is not there is kept: it comes back as a failure of its own. A folder further down that may not be read
    counts as one that gave none.
    """
    from engine.errors import FolderError
    from engine.folder_run import find_images

    files: set[Path] = set()
    failed = 0

    def on_locked(folder: Path) -> None:
        nonlocal failed
        failed += 1
        say(f"{folder}: this folder may not be read. Check its permissions.")

    for path in paths:
        if not path.is_dir():
            files.add(path)
            continue
        try:
            found = find_images([path], on_locked=on_locked)
        except FolderError as error:
            say(str(error))
            failed += 1
            continue
        if not found:
            say(f"{path}: there are no photos in this folder.")
            failed += 1
        files.update(found)
    return sorted(files, key=str), failed


def _note(news: News, forgotten: list[NotRemembered]) -> None:
    from engine.bulletin import NotRemembered

    if isinstance(news, NotRemembered):
        forgotten.append(news)


def _show(outcome: Outcome, as_json: bool, top: int | None, sure_above: float, *, aloud: bool) -> bool:
    """Print one outcome, an answer only if `aloud`; whether it is one."""
    from engine.prediction import Failure

    path = str(outcome.path)
    if isinstance(outcome, Failure):
        say(f"{path}: {outcome.error}")
        if as_json:
            result_json({"path": path, **outcome.as_json()})
        return False
    if as_json:
        result_json({"path": path, **outcome.as_json(top)})
    elif aloud:
        result(f"{path}: {in_words(outcome, sure_above, top or 1)}")
    return True


def in_words(prediction: Prediction, sure_above: float, top: int = 1) -> str:
    """An answer the way a person gives it: "cat (97 %)"."""
    from engine.prediction import Verdict

    shares = ", ".join(f"{name} ({percent(share)})" for name, share in prediction.top(top))
    match prediction.verdict(sure_above):
        case Verdict.SURE:
            return shares
        case Verdict.UNSURE:
            return f"not sure, perhaps {shares}"
        case Verdict.UNKNOWN:
            return f"unknown: unlike anything this model was shown (nearest: {shares})"
