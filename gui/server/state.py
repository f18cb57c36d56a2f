"""The server as the window sees it: what the settings wish for, and what has come of it.

The settings are the one wish. Whoever changes them, this page or another, has a running server follow. Starting and
stopping happen off the GUI thread, one at a time; what was wished meanwhile is done afterwards.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import SettingsError, WhiskerError
from gui.bulletin_bridge import BulletinBridge
from gui.jobs import Jobs
from gui.server.listening import Begun, Listening, Refused
from gui.server.request_model import RequestModel
from gui.server.served_training import ServedTraining, in_words
from gui.server.switch import THIS_COMPUTER, MakeServer, Wish, fresh_token
from gui.task import Tasks
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.settings_schema import Value
    from engine.whisker import Whisker

_KEYS = ("server_port", "server_reach", "server_token")


class Phase(Enum):
    OFF = "off"
    STARTING = "starting"
    ON = "on"
    STOPPING = "stopping"


class ServerState(QObject):
    """Switches the server and says how it is.

    Args:
        make: Makes the server when it is first wanted, off the GUI thread; None in an edition without one.

    Attributes:
        error: Why it is not as wished; None while all is well.
        free: A port to take instead, when the error is that the wished one is taken.
        url: Where this computer reaches it; None while it is off.
        addresses: What other machines may call this one, while it listens to them.
        requests: What was asked of it since the window opened.
        retrained: What came of the latest retraining that it did, in a sentence or two; empty before one has ended.

    Signals:
        changed: Any of these, or a setting of the server, is another one now.
        said: Something happened that a person should hear of, in a sentence or two.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(
        self,
        make: MakeServer | None,
        whisker: Whisker,
        theme: Theme,
        tasks: Tasks,
        news: BulletinBridge,
        jobs: Jobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._listening = None if make is None else Listening(make, whisker)
        self._whisker = whisker
        self._tasks = tasks
        self._running_as: Wish | None = None
        self.phase = Phase.OFF
        self.error: WhiskerError | None = None
        self.free: int | None = None
        self.url: str | None = None
        self.addresses: tuple[str, ...] = ()
        self.requests = RequestModel(theme, self)
        self.retrained = ""
        self._training = ServedTraining(jobs)
        news.news.connect(self._hear)

    @property
    def make(self) -> MakeServer | None:
        """What makes a server over any engine; None in an edition without one."""
        return self._make

    @property
    def available(self) -> bool:
        return self._make is not None

    @property
    def on(self) -> bool:
        return self.phase is Phase.ON

    @property
    def retraining(self) -> bool:
        """Whether switching it off would cancel a training that was asked for through it."""
        return self._listening is not None and self._listening.retraining

    @property
    def wish(self) -> Wish:
        settings = self._whisker.settings
        network = settings["server_reach"] == "network"
        return Wish(int(settings["server_port"]), network, str(settings["server_token"]) if network else None)

    @property
    def port(self) -> int:
        """The port it listens on, or would."""
        return self._running_as.port if self._running_as is not None else self.wish.port

    @property
    def local_url(self) -> str:
        """The address on this computer, now or once it is on."""
        return self.url or f"http://{THIS_COMPUTER}:{self.wish.port}"

    @property
    def shared_url(self) -> str:
        """The address for whoever may reach it: other machines where they may, else this computer's."""
        return f"http://{self.addresses[0]}:{self.port}" if self.addresses else self.local_url

    def start(self) -> None:
        listening = self._listening
        if listening is None or self.phase is not Phase.OFF:
            return
        wish = self._wish_with_token()
        self.error, self.free = None, None
        self._go(Phase.STARTING)
        self._tasks.run(
            self, lambda: listening.begin(wish), lambda said: self._on_begun(wish, said), self._on_failed, urgent=True
        )

    def stop(self) -> None:
        """Off, after what is being answered; a retraining is cancelled."""
        listening = self._listening
        if listening is None or self.phase is not Phase.ON:
            return
        self.error, self.free = None, None
        self._go(Phase.STOPPING)
        self._tasks.run(self, listening.stop, lambda _none: self._on_stopped(), self._on_failed, urgent=True)

    def take_free_port(self) -> None:
        """Listen on the port that was offered."""
        if self.free is not None:
            self.set("server_port", self.free)
            self.start()

    def put_error_away(self) -> None:
        """A person has read it; it must not come up again with the next change of something else."""
        if self.error is not None:
            self.error, self.free = None, None
            self.changed.emit()

    def renew_token(self) -> str:
        """Another token; returns the one before."""
        before = str(self._whisker.settings["server_token"])
        self.set("server_token", fresh_token())
        return before

    def set(self, key: str, value: Value) -> None:
        """Change a setting of the server; a running one follows."""
        try:
            self._whisker.settings.set(key, value)
        except SettingsError as error:
            self.error, self.free = error, None
            self.changed.emit()

    def look(self, looking: bool) -> None:
        """Whether somebody looks at the requests, and so wants small pictures with them."""
        self.requests.show_live(looking)
        if self._listening is not None:
            self._listening.look(looking)

    def close(self) -> None:
        """Off, at the end of the window; waits until it is."""
        if self._listening is not None:
            self._listening.stop()

    def _on_begun(self, wish: Wish, said: Begun | Refused) -> None:
        if isinstance(said, Begun):
            self._running_as, self.url, self.addresses = wish, said.url, said.addresses
            self._go(Phase.ON)
            self._follow()
            return
        self.error, self.free = said.error, said.free
        if not said.on:
            self._forget()
            self._go(Phase.OFF)
            return
        self.phase = Phase.ON
        assert self._running_as is not None
        # The settings say what is; the message says what was wished.
        self.set("server_port", self._running_as.port)
        self.changed.emit()

    def _on_stopped(self) -> None:
        self._forget()
        self._go(Phase.OFF)

    def _on_failed(self, error: WhiskerError) -> None:
        self.error, self.free = error, None
        self._forget()
        self._go(Phase.OFF)

    def _follow(self) -> None:
        """Have a running server do what the settings wish, if that is another thing than it does."""
        listening, before, wish = self._listening, self._running_as, self._wish_with_token()
        if listening is None or self.phase is not Phase.ON or before is None or wish == before:
            return
        self.error, self.free = None, None
        self._go(Phase.STARTING)
        self._tasks.run(
            self,
            lambda: listening.move(wish, before),
            lambda said: self._on_begun(wish, said),
            self._on_failed,
            urgent=True,
        )

    def _wish_with_token(self) -> Wish:
        if self.wish.network and not self.wish.token:
            self.set("server_token", fresh_token())
        return self.wish

    def _forget(self) -> None:
        self._running_as, self.url, self.addresses = None, None, ()

    def _go(self, phase: Phase) -> None:
        self.phase = phase
        self.changed.emit()

    def _hear(self, news: News) -> None:
        from engine.bulletin import RequestAnswered, Retrained, SettingChanged

        if isinstance(news, RequestAnswered):
            self.requests.hear(news)
            return
        if isinstance(news, Retrained):
            self._training.end()
            self.retrained = in_words(news)
            self.said.emit(self.retrained)
            self.changed.emit()
            return
        if self.retraining or self._training.shown:
            self._training.hear(news)
        if not isinstance(news, SettingChanged) or not news.key.startswith(("server_", "retrain_")):
            return
        if news.key in _KEYS:
            self._wish_with_token()
            if self.phase is Phase.OFF:
                self.error, self.free = None, None
            self._follow()
        self.changed.emit()
