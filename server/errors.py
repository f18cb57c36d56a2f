"""What can be wrong with a request, beside what the engine can find wrong with a picture.

RequestError         a request that cannot be understood
├── NothingSent      no picture, no file
├── BodyTooLarge     more bytes than are taken at once
├── TooManyFiles     more files than are taken at once
├── Busy             too many are waiting already
├── JobNotFound      no retraining of that number
├── JobFinished      a retraining that is over cannot be cancelled
└── Refused          not for the one who asks
    ├── HostRefused      the request names a host that is not this server
    ├── OriginRefused    a page of another site asks
    └── TokenWanted      the token is missing or wrong
"""

from __future__ import annotations

from engine.errors import WhiskerError


class RequestError(WhiskerError):
    code = "bad_request"


class NothingSent(RequestError):
    code = "nothing_sent"


class BodyTooLarge(RequestError):
    code = "body_too_large"


class TooManyFiles(RequestError):
    code = "too_many_files"


class Busy(RequestError):
    code = "busy"


class JobNotFound(RequestError):
    code = "job_not_found"


class JobFinished(RequestError):
    code = "job_finished"


class Refused(RequestError):
    code = "refused"


class HostRefused(Refused):
    code = "host_refused"


class OriginRefused(Refused):
    code = "origin_refused"


class TokenWanted(Refused):
    code = "token_wanted"
