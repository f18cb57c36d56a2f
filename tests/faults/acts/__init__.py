"""What Whisker is killed at: an act for each kind of work, and what must be left of it."""

from tests.faults.acts.act import Act
from tests.faults.acts.answers import Correcting, Predicting, Upgrading
from tests.faults.acts.files import Choosing, Labelling, Sorting, Uploading
from tests.faults.acts.shelf import Publishing, Training
from tests.faults.acts.window import Looking

ACTS: dict[str, type[Act]] = {
    act.name: act
    for act in (
        Predicting,
        Correcting,
        Uploading,
        Training,
        Publishing,
        Upgrading,
        Sorting,
        Labelling,
        Choosing,
        Looking,
    )
}
