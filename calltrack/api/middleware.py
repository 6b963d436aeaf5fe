"""What stands on every answer of the API, whichever view gave it."""

from hashlib import blake2b

from django.http import HttpResponseNotModified
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags, quote_etag

from calltrack.problems import ProblemResponse

PATHS = ("/api/", "/apiserver")
DEPENDS_ON = ("Authorization", "Cookie", "Accept")
_KEPT = ("Cache-Control", "Content-Location", "ETag", "Expires", "Last-Modified", "Vary")


class ApiMiddleware:
    """ETag and 304, who may keep an answer, and how much of a rate is left."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not request.path_info.startswith(PATHS):
            return response
        if request.path_info.startswith("/api/"):
            response = as_problem(response)
        patch_vary_headers(response, DEPENDS_ON)
        patch_cache_control(response, private=True)  # nobody's proxy keeps telephone numbers
        response = if_changed(request, response)
        if rate := getattr(request, "api_rate", None):
            for name, value in rate.headers().items():
                response.headers[name] = value
        return response


def as_problem(response):
    """What refuses without a body, as Django's decorators do, is given one."""
    if response.status_code < 400 or response.streaming or response.content:
        return response
    told = ProblemResponse(response.status_code, f"{response.reason_phrase}.")
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            told.headers[name] = response.headers[name]
    return told


def if_changed(request, response):
    """304 where the client has this very answer. A stream has no tag, for it would have to be kept;
    nor has a page for people, which differs each time."""
    page = response.headers.get("Content-Type", "").startswith("text/html")
    reads = request.method in ("GET", "HEAD") and response.status_code == 200
    if not reads or response.streaming or page:
        return response
    if not response.has_header("ETag"):
        digest = blake2b(response.content, digest_size=16).hexdigest()
        response.headers["ETag"] = quote_etag(digest)
    theirs = parse_etags(request.headers.get("If-None-Match", ""))
    ours = response.headers["ETag"].removeprefix("W/")
    if theirs != ["*"] and ours not in (one.removeprefix("W/") for one in theirs):
        return response
    same = HttpResponseNotModified()
    for name in _KEPT:
        if name in response.headers:
            same.headers[name] = response.headers[name]
    same.cookies = response.cookies
    return same
