"""From DATABASE_URL to Django's DATABASES entry."""

from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE = {
    "init_command": ";".join(
        [
            # FULL: what was acknowledged survives a power cut, WAL alone would not promise that.
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            # A batch of webhooks writes a thousand pages: folded back with each batch, and beyond
            # what the cache holds written twice, it took 1.2 times as long.
            "PRAGMA wal_autocheckpoint=10000",
            "PRAGMA cache_size=-16384",
            "PRAGMA mmap_size=268435456",
        ]
    ),
    # A transaction that reads and then writes must not find somebody else in between.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}
EXAMPLES = "sqlite:////path/to/file or postgres://user:password@host:5432/name"


def database(url, data_dir, *, pool_size, patience=5):
    try:
        scheme = urlsplit(url).scheme
        if scheme == "sqlite":
            return sqlite(environ.Env.db_url_config(url), data_dir)
        if scheme in ("postgres", "postgresql"):
            return postgresql(environ.Env.db_url_config(url), pool_size, patience)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read; like {EXAMPLES}") from error
    raise ImproperlyConfigured(f"DATABASE_URL is neither SQLite nor PostgreSQL; like {EXAMPLES}")


def sqlite(config, data_dir):
    if config["NAME"] in ("", ":memory:"):
        raise ImproperlyConfigured(f"DATABASE_URL names no file; like {EXAMPLES}")
    return config | {
        # A connection that stays open: closing the last one would fold the WAL each time.
        "CONN_MAX_AGE": None,
        "OPTIONS": SQLITE,
        # Threads on an in-memory database meet "table is locked" at once.
        "TEST": {"NAME": str(data_dir / "test.sqlite3")},
    }


def postgresql(config, pool_size, patience):
    if not config["NAME"]:
        raise ImproperlyConfigured(f"DATABASE_URL names no database; like {EXAMPLES}")
    pool = {"min_size": 1, "max_size": pool_size, "timeout": patience}
    return config | {
        # Its pool checks connections: one that died while idle must not cost a webhook.
        "ENGINE": "calltrack.postgresql",
        "OPTIONS": {"connect_timeout": patience} | config.get("OPTIONS", {}) | {"pool": pool},
    }
