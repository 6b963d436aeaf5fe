"""How the inbox is doing: when each endpoint was heard last, what failed, what never ended."""


def inbox_health(request) -> dict:
    """The context of the home page's panel about the inbox; empty for whom it is no business."""
    return {}
