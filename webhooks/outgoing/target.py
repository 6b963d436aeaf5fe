"""One request to a target, within bounds: where to, how long, how much.

The name is resolved once and the connection made to an address that was checked, so what the name
resolves to a moment later does not matter. TLS is verified for the name. No redirect is followed
and no proxy of the environment is used. A deadline holds for all of it together.
"""

import functools
import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from .addresses import Forbidden, is_allowed, literal, resolved

LONGEST_URL = 2_000
MOST_READ = 64 * 1024  # bytes of an answer, its headers included
EXCERPT = 2_048  # bytes of it that are kept
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
# At most 253 characters; the last label is no number, or it would be an address.
_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*(?![0-9]+$)[a-z0-9_-]{1,63}", re.I)


class BadTarget(ValueError):
    """Why a URL cannot be a target, in words for people."""


class Unreachable(Exception):
    """Why no answer came, in words for people, without the URL, which may hold a secret."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    retry_after: str  # the header as it came
    excerpt: str  # the beginning of the body


def check_url(url: str) -> SplitResult:
    """The parts of a URL that may be a target as far as can be said without connecting. Raises
    BadTarget."""
    if len(url) > LONGEST_URL:
        raise BadTarget(f"A URL has at most {LONGEST_URL:,} characters.")
    # Programs disagree about what such characters in a URL mean, and so about its host.
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise BadTarget("A URL is written in printable ASCII without spaces and backslashes.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadTarget("This is not a URL.") from error
    if parts.scheme not in (("https", "http") if settings.OUTGOING_ALLOW_HTTP else ("https",)):
        raise BadTarget("A URL begins with https://.")
    if not parts.hostname:
        raise BadTarget("A URL names a host.")
    if "@" in parts.netloc:
        raise BadTarget("A URL holds no user and no password.")
    if parts.fragment:
        raise BadTarget("A URL has no fragment (#).")
    if port == 0:
        raise BadTarget("No server listens on port 0.")
    host = parts.hostname.removesuffix(".")
    address = literal(host)
    if address is not None and not is_allowed(address):
        raise BadTarget(f"{address} is an address that no target may have.")
    is_name = "[" not in parts.netloc and _NAME.fullmatch(host)
    if "%" in host or (address is None and not is_name):
        raise BadTarget("This is no name of a host.")
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    """Send it and return what was answered, within these seconds. Raises Unreachable."""
    deadline = time.monotonic() + seconds
    try:
        parts = check_url(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = _Connection(parts, deadline)
        try:
            connection.request("POST", path, body, {"Connection": "close", **headers})
            response = connection.getresponse()
            excerpt = _beginning(response)
        finally:
            connection.end()
    except (BadTarget, Forbidden) as error:
        raise Unreachable(str(error)) from error
    except TimeoutError as error:
        raise Unreachable(f"no answer within {seconds:g} s") from error
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"its certificate is not valid: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise Unreachable(f"TLS failed: {error.reason or 'closed'}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unreachable(f"the connection failed: {reason}") from error
    return Answer(response.status, response.headers.get("Retry-After", ""), excerpt)


def _beginning(response: http.client.HTTPResponse) -> str:
    """The status is known by now, and decides: the body may break off, drip or never end."""
    taken = bytearray()
    try:
        while piece := response.read1(8_192):
            taken += piece
    except (OSError, http.client.HTTPException):
        taken = taken[:EXCERPT]
    return bytes(taken[:EXCERPT]).decode(errors="replace").replace("\0", "")


class _Connection(http.client.HTTPConnection):
    """HTTP/1.1, one request, to an address that was checked."""

    def __init__(self, parts: SplitResult, deadline: float):
        self.tls = parts.scheme == "https"
        self.default_port = 443 if self.tls else 80  # others are named in the Host header
        super().__init__(parts.hostname, parts.port or self.default_port)
        self.deadline = deadline
        self.raw: socket.socket | None = None

    def end(self):
        """Not `close`, which http.client calls before the body has been read."""
        if self.raw is not None:
            self.raw.close()

    def connect(self):
        places = resolved(self.host, self.port)
        for number, (family, kind, protocol, _, place) in enumerate(places, start=1):
            self.raw = socket.socket(family, kind, protocol)
            try:
                self.raw.settimeout(_left(self.deadline) / (len(places) - number + 1))
                # The head and the body are two pieces: the second one waits for no answer.
                self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.raw.connect(place)
                break
            except OSError:
                self.raw.close()
                if number == len(places):
                    raise
        if self.tls:
            self.raw.settimeout(_left(self.deadline))
            self.raw = _tls().wrap_socket(self.raw, server_hostname=self.host.removesuffix("."))
        self.sock = _Bounded(self.raw, self.deadline)


class _Bounded:
    """What http.client wants of a socket; each call waits no longer than the deadline."""

    def __init__(self, sock: socket.socket, deadline: float):
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(_left(self._deadline))
            rest = rest[self._sock.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._deadline))

    def close(self) -> None:
        """The body is still to be read from it; `_Connection.end` closes."""


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float):
        self._sock = sock
        self._deadline = deadline
        self._rest = MOST_READ

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        """Raises OSError once it has read as much as it may."""
        if not self._rest:
            raise OSError(f"more than {MOST_READ:,} bytes")
        self._sock.settimeout(_left(self._deadline))
        count = self._sock.recv_into(memoryview(buffer)[: self._rest])
        self._rest -= count
        return count


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@functools.cache
def _tls() -> ssl.SSLContext:
    """What the system trusts; the variable SSL_CERT_FILE names others."""
    return ssl.create_default_context()
