"""What Schemathesis cannot know of a request from the description alone."""

from itertools import count

import schemathesis

DISPOSITION = "Sold"  # there is one of this name
# Texts that have a grammar of their own.
SUBSCRIBED = {"url": "https://hooks.example.com/calltrack", "filter": "missed=true"}
_DEEDS = count(1)


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Of requests that the description allows. What it forbids is sent as it is."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    # A cursor is signed: nobody can make one up. Those that the API gave out are followed by tests
    # of paging; here only those are sent that must be refused. Nor need anybody wait for news.
    for name in ("cursor", "after", "wait"):
        if case.query and case.query.get(name) != "now":
            case.query.pop(name, None)
    # Each deed wants a key of its own.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"deed {next(_DEEDS)}"
    if not isinstance(case.body, dict):
        return
    if case.operation.path.endswith("/disposition/"):
        case.body["name"] = DISPOSITION
    if "/subscriptions/" in case.operation.path:
        case.body |= {name: SUBSCRIBED[name] for name in SUBSCRIBED if name in case.body}
