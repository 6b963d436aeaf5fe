"""Plays FreeClimb and CallerDesk: whole call lives as webhooks, and the truth about them.

Written from the providers' pages and nothing else: what parsers and merge make of the webhooks is
compared with a second opinion, not with themselves. So this imports neither; a test sees to it.
"""
