"""`train`: teach a model from a labelled folder."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.given_path import GivenPath
from cli.printing import result, result_json, say
from cli.session import Session
from cli.training_report import TrainingReport, outcome
from engine.training.plan import BACKBONES, Recipe, TrainingPlan, knobs

if TYPE_CHECKING:
    from engine.training.events import Last
    from engine.training.run import TrainingRun
    from engine.whisker import Whisker

TERMINATED = 143
"""The exit code of a program that SIGTERM stopped."""
# Folders that say which part of the pictures they hold, or that they hold pictures, but not of what.
NAMELESS = frozenset({"train", "training", "images", "pictures", "photos", "data"})

Function = TypeVar("Function", bound=Callable[..., Any])


def _knobs(command: Function) -> Function:
    """An option for each of the plan's numbers, as the plan itself describes them."""
    for name, allowed in reversed(knobs().items()):
        whole = click.IntRange(int(allowed.low), int(allowed.high))
        kind = whole if allowed.whole else click.FloatRange(allowed.low, allowed.high)
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, metavar="N", type=kind, help=allowed.description)(command)
    return command


@click.command(short_help="Teach a model from a labelled folder.")
@click.argument("folder", metavar="FOLDER", type=GivenPath())
@click.option("--name", help="What to call the model; the folder's name unless given.")
@click.option(
    "--recipe",
    type=click.Choice([recipe.value for recipe in Recipe]),
    default=Recipe.QUICK.value,
    show_default=True,
    help="How to teach it.",
)
@click.option("--backbone", type=click.Choice(BACKBONES), help="The network that quick and finetune start from.")
@click.option("--test", metavar="FOLDER", type=GivenPath(), help="Judge by these labelled photos alone.")
@click.option("--seed", metavar="N", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@_knobs
@click.option("--weights", metavar="FILE", type=GivenPath(), help="ImageNet weights for vgg16 or resnet50.")
@click.option("--fetch-weights", is_flag=True, help="Agree to fetching those weights once, from keras.applications.")
@click.option("--use", is_flag=True, help="Let the new model answer from then on.")
@click.option("--json", "as_json", is_flag=True, help="Each event as a JSON object, one a line.")
@click.pass_obj
def train(
    session: Session,
    /,
    folder: Path,
    name: str | None,
    recipe: str,
    test: Path | None,
    weights: Path | None,
    use: bool,
    as_json: bool,
    **fields: Any,
) -> int:
    """Teach a model from a FOLDER of photos whose class is known, and put it on the shelf as a new version.

    FOLDER holds one sub-folder for each class, files named like cat.0.jpg, or a labels.csv; any of these may stand
    under train/ and test/. A part is set aside and only judges. Ctrl-C stops it and leaves nothing half-made.
    """
    from engine.errors import PlanError, WeightsUnavailable

    folder = _absolute(folder)
    plan = TrainingPlan(
        folder=folder,
        name=name or _name(session.whisker, folder),
        recipe=Recipe(recipe),
        test=test and _absolute(test),
        weights=weights and _absolute(weights),
        **fields,
    )
    try:
        with _stopped_by_signals() as stopping:
            run = session.whisker.trainer.start(plan)
            stopping.run = run
            if not as_json:
                _warn_of_small_classes(folder)
            last = _follow(run, as_json)
    except PlanError as error:
        raise click.UsageError(str(error)) from error
    except WeightsUnavailable as error:
        raise WeightsUnavailable(
            error.message, "--fetch-weights agrees to that; or name a file with --weights."
        ) from error
    return _end(session.whisker, plan, last, use, as_json, stopping.code)


def _warn_of_small_classes(folder: Path) -> None:
    """While the child still imports its libraries: what `check` and the window say of such a folder."""
    from engine.dataset.doctor import too_small
    from engine.dataset.layouts import read_labelled
    from engine.errors import DatasetError, FolderError

    try:
        items = read_labelled(folder).items
    except (DatasetError, FolderError):
        return  # The training itself will say so.
    for finding in too_small(folder, items):
        say(finding.message)


def _follow(run: TrainingRun, as_json: bool) -> Last:
    from engine.training.events import Last

    with TrainingReport(run.plan, quiet=as_json) as report:
        for event in run.events():
            if as_json:
                result_json(event.as_json())
            report.tell(event)
            if isinstance(event, Last):
                return event
    raise AssertionError("a run ends with one of Last")


def _end(whisker: Whisker, plan: TrainingPlan, last: Last, use: bool, as_json: bool, stopped: int) -> int:
    from engine.training.events import Cancelled, Failed

    if isinstance(last, Cancelled):
        say("Stopped. Nothing was kept.")
        return stopped
    if isinstance(last, Failed):
        say(f"{last.message} {last.hint}".rstrip())
        if last.log and last.code in ("training_died", "training_stalled", "training_error", "out_of_memory"):
            say(f"The log: {last.log}")
        return 1
    if use:
        whisker.shelf.activate(f"{last.model}@{last.version}")
    if not as_json:
        for line in outcome(last, used=use):
            result(line)
    return 0


def _name(whisker: Whisker, folder: Path) -> str:
    """The folder's name; where that says nothing, the one's above; never a built-in model's."""
    from engine.errors import ModelProtected

    name = folder.name
    if name.casefold() in NAMELESS and folder.parent.name:
        name = folder.parent.name
    try:
        return whisker.shelf.spelling(name)
    except ModelProtected:
        return f"my-{name}"


def _absolute(path: Path) -> Path:
    # Without following links: the link's name is the one that the person gave.
    return Path(os.path.abspath(path))


class _Stopping:
    """Turns the first signal into a polite end of the run; before there is one, and for the second, it stops at once.

    Attributes:
        run: What to cancel.
        code: The exit code that fits the signal.
    """

    def __init__(self) -> None:
        self.run: TrainingRun | None = None
        self.code = 130

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.code = TERMINATED if number == signal.SIGTERM else 130
        if self.run is None:
            raise KeyboardInterrupt
        run, self.run = self.run, None
        run.cancel()


@contextmanager
def _stopped_by_signals() -> Iterator[_Stopping]:
    stopping = _Stopping()
    before = {number: signal.signal(number, stopping) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
