"""The application: routes, pages and guard put together. Pure: it listens nowhere and starts no thread."""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from werkzeug.exceptions import HTTPException

from engine.errors import WhiskerError
from engine.version import __version__
from server import api, openapi, page, retrain
from server.figures import Figures
from server.front import Front
from server.guard import Access
from server.jobs import Jobs, Trainer
from server.limits import FILES_BODY
from server.replies import JSON, code_of_status, encoded, error_json, failure
from server.room import Room
from server.uploads import Uploads

if TYPE_CHECKING:
    from engine.whisker import Whisker


def create_app(
    whisker: Whisker,
    access: Access | None = None,
    *,
    trainer: Callable[[], Trainer] | None = None,
    closing: threading.Event | None = None,
) -> APIFlask:
    """The WSGI application over one engine.

    Args:
        access: Who may ask; loopback without a token unless given.
        trainer: Makes what trains; the engine's own unless given.
        closing: Ends event streams when set.

    Returns:
        The application, with its `Room` as `app.extensions["room"]`.
    """
    uploads = Uploads(whisker.home.uploads)
    room = Room(
        whisker=whisker,
        access=access or Access(),
        uploads=uploads,
        jobs=Jobs(whisker, uploads, trainer or (lambda: whisker.trainer)),
        figures=Figures(),
        closing=closing or threading.Event(),
    )
    app = APIFlask(
        __name__,
        title="Whisker",
        version=__version__,
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    # The environment may say FLASK_DEBUG; no reply of ours ever shows a debugger or a traceback.
    app.config.update(
        DEBUG=False,
        TESTING=False,
        PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
        MAX_CONTENT_LENGTH=FILES_BODY,
        BOOTSTRAP_SERVE_LOCAL=True,
        # What ships with the program changes only with its version.
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    # Windows keeps types of files where any program may change them, and browsers run no script called plain text.
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("text/css", ".css")
    app.extensions["room"] = room
    Bootstrap5(app)
    openapi.describe(app, room)
    app.register_blueprint(api.routes(room))
    app.register_blueprint(retrain.routes(room))
    app.register_blueprint(page.routes(room))
    app.register_error_handler(WhiskerError, _whisker_error)
    app.register_error_handler(HTTPException, _http_error)
    app.url_map.strict_slashes = False
    # //x is no other way to write /x: nothing is redirected, nothing guessed.
    app.url_map.merge_slashes = False

    @app.before_request
    def name_the_route() -> None:
        if request.url_rule is not None:
            request.environ["whisker.route"] = request.url_rule.rule

    app.wsgi_app = Front(app.wsgi_app, room)  # type: ignore[method-assign]
    return app


def _whisker_error(error: WhiskerError) -> ResponseReturnValue:
    status, payload, headers = failure(error)
    return Response(encoded(payload), status, headers, content_type=JSON)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        # Redirects are answers, not failures.
        return error.get_response()
    words = {
        404: "There is nothing at this address. /api/docs lists what there is.",
        405: "This address does not take this method.",
        413: "More bytes came at once than are taken.",
        500: "Whisker made a mistake; its log says more.",
    }
    message = words.get(status) or (error.description or "The request cannot be answered.")
    headers = [(name, value) for name, value in error.get_headers() if name == "Allow"]
    return Response(encoded(error_json(code_of_status(status), message)), status, headers, content_type=JSON)
