"""Reads back over `/api/v1/` what has become of the webhooks."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPException
from urllib.parse import urlencode, urlsplit

from .delivery import Line

PAGE = 500  # rows
PATIENCE = 60.0  # seconds; a database that was just filled may not know its tables yet


class ApiError(Exception):
    """What was asked and what was answered, in one line."""


class Api:
    def __init__(self, url: str, key: str):
        self._line = Line(url, PATIENCE)
        self._prefix = urlsplit(url).path.rstrip("/") + "/api/v1/"
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def get(self, path: str, **parameters) -> dict:
        """One answer. `path` is relative to /api/v1/."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._get(self._prefix + path + query)

    def walk(self, path: str, **parameters) -> Iterator[dict]:
        """All rows of a list, page by page."""
        page = self.get(path, page_size=PAGE, **parameters)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            link = urlsplit(page["next"])  # its host is what the server believes to be
            page = self._get(f"{link.path}?{link.query}")

    def _get(self, address: str) -> dict:
        try:
            answer, body = self._line.ask("GET", address, None, self._headers)
            while answer.status == 429:  # the server says when it has time for us again
                time.sleep(int(answer.headers["Retry-After"]))
                answer, body = self._line.ask("GET", address, None, self._headers)
        except (OSError, HTTPException) as error:
            raise ApiError(f"GET {address}: {type(error).__name__}: {error}") from error
        if answer.status != 200:
            text = body[:300].decode("utf-8", "replace")
            raise ApiError(f"GET {address} answered {answer.status}: {text}")
        return json.loads(body)

    def close(self) -> None:
        self._line.close()
