"""What an ops lead wants to see at nine in the morning."""


def figures(request) -> dict:
    """The context of the home page."""
    return {}
