"""The server as something to switch on and off: waitress on a thread of its own."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.server import create_server

from engine.bulletin import News, Retrained, SettingChanged
from engine.errors import ServerError
from engine.training.events import Last, TrainingReported
from server.ahead import answer_ahead
from server.guard import Access, is_loopback, network_addresses
from server.lanes import Lanes
from server.limits import CONNECTIONS, DISCARDED, IDLE_S, REQUEST_HEADER, WAITING
from server.log import open_log
from server.ports import HOST, PORT, free_port, listen, reachable
from server.wire import channel_for

if TYPE_CHECKING:
    from engine.whisker import Whisker
    from server.jobs import Trainer

RECEIVED = 1 << 16
GRACE_S = 5.0
"""How long requests in flight may take to finish when the server is stopped."""


class LocalServer:
    """Answers over HTTP between `start` and `stop`, as often as wanted.

    Args:
        whisker: The engine that answers.
        trainer: Makes what trains; the engine's own unless given.
        behind_window: Whether a window is open in this process, whose thread goes first where both want a core.
    """

    def __init__(
        self, whisker: Whisker, trainer: Callable[[], Trainer] | None = None, *, behind_window: bool = False
    ) -> None:
        self._whisker = whisker
        self._behind_window = behind_window
        self._trainer = trainer
        self._switching = threading.Lock()
        self._running: _Running | None = None
        self._thumbnails = False

    @property
    def running(self) -> bool:
        return self._running is not None

    @property
    def port(self) -> int | None:
        """The port it listens on, None while it does not."""
        running = self._running
        return running.port if running else None

    @property
    def url(self) -> str | None:
        """Where to reach it from this machine, as http://127.0.0.1:5000; None while it does not listen."""
        running = self._running
        return running.url if running else None

    @property
    def retraining(self) -> bool:
        """Whether a retraining that a client or the arrival of pictures began is under way; `stop` cancels it."""
        running = self._running
        return running is not None and running.retraining

    def free_port(self, host: str = HOST, after: int = PORT) -> int:
        """The first port from `after` on that nobody listens on.

        Raises:
            ServerError: none of the next hundred is free.
        """
        return free_port(host, after)

    def addresses(self) -> list[str]:
        """What other machines in the network may call this one, the likeliest first; empty without a network."""
        return network_addresses()

    def show_thumbnails(self, wanted: bool) -> None:
        """Whether `RequestAnswered` brings small pictures: while somebody looks at the requests."""
        self._thumbnails = wanted
        # Held once: another thread may be stopping it.
        running = self._running
        if running is not None:
            running.show_thumbnails(wanted)

    def start(
        self, host: str = HOST, port: int = PORT, token: str | None = None, *, cores: int = 0, waiting: int = WAITING
    ) -> str:
        """Listen; it does when this returns.

        Args:
            host: A name or address of this machine.
            port: 0 takes one that is free.
            token: What each request must bring; beyond loopback there must be one.
            cores: Threads for pictures; 0 for one a core.
            waiting: How many pictures may wait for one of them.

        Returns:
            Its address.

        Raises:
            PortTaken: another program listens there.
            ServerError: it cannot listen there, or it wants a token.
        """
        with self._switching:
            if self._running is not None:
                raise ServerError("The server is running already.", "Stop it first.")
            if not is_loopback(host) and not token:
                raise ServerError(
                    f"Beyond this machine ({host}) the server wants a token, so that not everybody may use it.",
                    "Choose one, 16 letters or longer.",
                )
            listening = listen(host, port)
            lanes = Lanes(cores, waiting, self._behind_window)
            self._running = _Running(self._whisker, self._trainer, listening, host, token or None, lanes)
            self._running.show_thumbnails(self._thumbnails)
            return self._running.url

    def stop(self) -> None:
        """Let what is being answered finish, close every connection, free the port; a retraining is cancelled."""
        with self._switching:
            if self._running is not None:
                self._running.stop()
                self._running = None


class _Running:
    """One period of listening."""

    def __init__(
        self,
        whisker: Whisker,
        trainer: Callable[[], Trainer] | None,
        listening: socket.socket,
        host: str,
        token: str | None,
        lanes: Lanes,
    ) -> None:
        # 0.3 s to import, which a window with the server off need not pay.
        from server.app import create_app

        self.port = int(listening.getsockname()[1])
        self.url = f"http://{reachable(host)}:{self.port}"
        self._closing = threading.Event()
        # Before the application, which would else write its mistakes to the terminal.
        self._close_log = open_log(whisker.home.logs)
        access = Access(host, self.port, token)
        app = create_app(whisker, access, trainer=trainer, closing=self._closing)
        self._room = app.extensions["room"]
        self._room.uploads.sweep()
        lanes.answer_ahead = partial(answer_ahead, whisker, calmly=lanes.behind_window)
        self._leave_monitor = whisker.monitor.follow(closely=True)
        self._server = create_server(
            app,
            sockets=[listening],
            _dispatcher=lanes,
            ident="Whisker",
            connection_limit=CONNECTIONS,
            max_request_body_size=DISCARDED,
            max_request_header_size=REQUEST_HEADER,
            channel_timeout=IDLE_S,
            clear_untrusted_proxy_headers=True,
            # A photo arrives in one piece or two, instead of eight.
            recv_bytes=RECEIVED,
            # select() knows no descriptor above 1023, which a window full of pictures can reach.
            asyncore_use_poll=hasattr(select, "poll"),
        )
        self._server.channel_class = channel_for(self._room)
        self._thread = threading.Thread(target=self._server.run, name="server", daemon=True)
        self._thread.start()
        self._stop_listening = whisker.bulletin.listen(self._hear)
        self._retrain_if_due()

    @property
    def retraining(self) -> bool:
        return bool(self._room.jobs.under_way)

    def show_thumbnails(self, wanted: bool) -> None:
        self._room.thumbnails = wanted

    def _hear(self, news: News) -> None:
        wished = isinstance(news, SettingChanged) and news.key in ("retrain_by_itself", "retrain_after")
        # A training of this server says `Retrained` once it is over; any other, as the window's own, ends here.
        ended = isinstance(news, TrainingReported) and isinstance(news.event, Last) and not self.retraining
        if wished or ended or isinstance(news, Retrained):
            self._retrain_if_due()

    def _retrain_if_due(self) -> None:
        """Pictures may be waiting: a training was broken off or kept them waiting, or it is wished for only now."""
        from server.automatic import retrain_if_due

        if self._room.whisker.settings["retrain_by_itself"]:
            # Beside: it counts files and starts a process, and nobody should wait for that.
            threading.Thread(target=retrain_if_due, args=(self._room,), name="retraining", daemon=True).start()

    def stop(self) -> None:
        end = time.monotonic() + GRACE_S
        # waitress's own close() leaves threads behind, and never ends while a client keeps its connection.
        self._in_loop(lambda: wasyncore.dispatcher.close(self._server))
        self._closing.set()
        while self._at_work() and time.monotonic() < end:
            time.sleep(0.005)
        self._in_loop(self._end_loop)
        self._thread.join(2.0)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=max(0.1, end - time.monotonic()))
        # Only now: a thread may be about to wake the loop, and would write into whatever has the pipe's number next.
        self._server.trigger.close()
        self._leave_monitor()
        self._stop_listening()
        self._room.jobs.close()
        self._close_log()

    def _at_work(self) -> bool:
        connections = list(self._server.active_channels.values())
        return any(connection.requests or connection.total_outbufs_len for connection in connections)

    def _end_loop(self) -> None:
        for connection in list(self._server.active_channels.values()):
            connection.handle_close()
        # The loop goes on for as long as it watches something.
        self._server.trigger.del_channel()

    def _in_loop(self, work: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            work()
            done.set()

        self._server.trigger.pull_trigger(run)
        done.wait(2.0)
