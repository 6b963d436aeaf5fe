"""Webhooks out: what others are told of calls, and how it gets to them."""
