"""The commands, and the one place where a command's failure becomes a sentence."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from cli.check import check
from cli.diagnose import diagnose
from cli.evaluate import evaluate
from cli.models import models
from cli.predict import predict
from cli.printing import quiet_streams, say
from cli.self_test import self_test
from cli.serve import serve
from cli.session import Server, Session
from cli.sort import sort
from cli.train import train
from engine.errors import WhiskerError
from engine.version import __version__

if TYPE_CHECKING:
    from engine.whisker import Whisker

INTERRUPTED = 130
"""The exit code a shell gives to a program that Ctrl-C stopped."""


class _Commands(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"{args[0]!r} is neither a file or folder that exists nor a command.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="[FILE|FOLDER...] | COMMAND ...",
)
@click.version_option(__version__, message="Whisker %(version)s")
def whisker() -> None:
    """Whisker says what is on your photos, on this machine alone.

    Without a command the window opens, with the files and folders that are named.
    """


for _command in (predict, sort, train, evaluate, check, models, serve, diagnose, self_test):
    whisker.add_command(_command)


def run(
    arguments: Sequence[str],
    open_whisker: Callable[[], Whisker],
    program: str = "whisker",
    *,
    make_server: Callable[[Whisker], Server] | None = None,
) -> int:
    """Run one command line.

    Args:
        arguments: Without the program's name.
        open_whisker: Makes the engine; called at most once, and not for `--help`.
        program: What usage lines call the program.
        make_server: Makes the server over an engine.

    Returns:
        The exit code: 0, 1, 2, or 130 after Ctrl-C.
    """
    session = Session(open_whisker, make_server)

    def command() -> int:
        try:
            code = whisker.main(list(arguments), program, standalone_mode=False, obj=session)
            sys.stdout.flush()
            return code if isinstance(code, int) else 0
        finally:
            session.close()

    return at_the_edge(command)


def at_the_edge(work: Callable[[], int]) -> int:
    """Do `work`; what goes wrong in a foreseen way is said in a sentence, once, here.

    Returns:
        What `work` returned, or the exit code of its failure.
    """
    try:
        return work()
    except WhiskerError as error:
        say(str(error))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # `whisker predict ... | head`: the reader has what it wanted.
        quiet_streams()
    except (KeyboardInterrupt, click.Abort):
        say("Stopped.")
        return INTERRUPTED
    return 1
