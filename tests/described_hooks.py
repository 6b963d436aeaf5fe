"""What Schemathesis cannot know of a request from the description alone."""

import schemathesis


@schemathesis.hook
def before_call(context, case, **kwargs):
    """A cursor is signed: no description lets anybody make one up. Those that the API gave out are
    followed by tests of paging; here it is sent where it must be refused alone. Nor need anybody
    wait for news."""
    if not case.query or case.meta is None or case.meta.generation.mode.is_negative:
        return
    for name in ("cursor", "after", "wait"):
        case.query.pop(name, None)
