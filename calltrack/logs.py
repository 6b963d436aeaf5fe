"""Log lines: no token of an endpoint ever, JSON where asked for."""

import logging
import re

import structlog

TOKEN = re.compile(r"(/webhooks/[^/\s]*/)[^/\s?\"'\\]+")


class Redacting:
    """Takes the token out of webhook paths: with it anybody could post calls. It works on the
    finished line, since requests and exceptions name paths too."""

    def format(self, record):
        return TOKEN.sub(r"\1…", super().format(record))


class TextFormatter(Redacting, logging.Formatter):
    pass


class JsonFormatter(Redacting, structlog.stdlib.ProcessorFormatter):
    def __init__(self):
        super().__init__(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        )
