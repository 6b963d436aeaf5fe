"""Webhooks acknowledged per second: signature checked, stored, merged into calls, committed."""


def arguments(parser):
    pass


def run(options):
    return ""
