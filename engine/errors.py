"""What can go wrong, by type.

WhiskerError                     the family: one sentence, and a hint what to do next
├── ImageError                   this one picture cannot be answered; the others can
│   ├── ImageNotFound            no such file
│   ├── ImageNotAllowed          the file may not be read
│   ├── ImageEmpty               nothing in it
│   ├── ImageTruncated           it ends too early
│   ├── ImageUnreadable          damaged, or its name lies about what it is
│   ├── ImageFormatUnsupported   not a picture format Whisker knows
│   ├── ImageTooLarge            too many bytes
│   └── ImageTooManyPixels       too many pixels
├── ModelError
│   ├── ModelNotFound            no model of that name or version on the shelf
│   ├── ModelBroken              the bundle is incomplete, altered, or answers wrongly
│   └── ModelProtected           a built-in model cannot be changed
├── DatasetError                 a labelled folder that cannot be used as one
├── FolderError                  a folder that cannot be read, written or sorted into
├── HistoryError                 the history cannot be opened or written
├── SettingsError                a setting out of its range
├── ServerError                  the local server cannot start
│   └── PortTaken                another program listens there already
└── TrainingError                training cannot start, or ended without a model
    ├── TrainingBusy             another training is under way
    ├── PlanError                a plan's field is out of its range
    ├── TrainingUnavailable      this edition cannot train
    ├── TrainingCancelled        the person stopped it
    └── WeightsUnavailable       pretrained weights that are not on this machine

`code` is stable and meant for programs; `message` and `hint` are meant for people.
"""

from __future__ import annotations

import errno

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_TOO_MUCH_RUNS = frozenset({errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE})


def remedy(refusal: OSError) -> str:
    """The hint for a write or a start that the system refused: make room, ask for permission, or else."""
    if refusal.errno in _NO_ROOM:
        return "Make room and try again."
    if refusal.errno in _NOT_ALLOWED:
        return "Allow writing there and try again."
    if refusal.errno in _TOO_MUCH_RUNS:
        return "Close other programs and try again."
    return "Check the disk and try again."


class WhiskerError(Exception):
    """A thing that went wrong in a way that was foreseen.

    Args:
        message: One sentence that names what is wrong.
        hint: One sentence that says what to do next; may be empty.
    """

    code = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[type[WhiskerError], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class ImageError(WhiskerError):
    code = "image_error"


class ImageNotFound(ImageError):
    code = "image_not_found"


class ImageNotAllowed(ImageError):
    code = "image_not_allowed"


class ImageEmpty(ImageError):
    code = "image_empty"


class ImageTruncated(ImageError):
    code = "image_truncated"


class ImageUnreadable(ImageError):
    code = "image_unreadable"


class ImageFormatUnsupported(ImageError):
    code = "image_format_unsupported"


class ImageTooLarge(ImageError):
    code = "image_too_large"


class ImageTooManyPixels(ImageError):
    code = "image_too_many_pixels"


class ModelError(WhiskerError):
    code = "model_error"


class ModelNotFound(ModelError):
    code = "model_not_found"


class ModelBroken(ModelError):
    code = "model_broken"


class ModelProtected(ModelError):
    code = "model_protected"


class DatasetError(WhiskerError):
    code = "dataset_error"


class FolderError(WhiskerError):
    code = "folder_error"


class HistoryError(WhiskerError):
    code = "history_error"


class SettingsError(WhiskerError):
    code = "settings_error"


class ServerError(WhiskerError):
    code = "server_error"


class PortTaken(ServerError):
    code = "port_taken"


class TrainingError(WhiskerError):
    code = "training_error"


class TrainingBusy(TrainingError):
    code = "training_busy"


class PlanError(TrainingError):
    code = "plan_error"


class TrainingUnavailable(TrainingError):
    code = "training_unavailable"


class TrainingCancelled(TrainingError):
    code = "training_cancelled"


class WeightsUnavailable(TrainingError):
    code = "weights_unavailable"
