from unittest import mock
from uuid import uuid4

from django.db import DataError, InterfaceError, OperationalError, connection, transaction
from django.test import TransactionTestCase, override_settings

from calls import statements
from calls.models import Account
from calls.statements import fetch, fetch_all


def marks(text: str) -> str:
    """$1, $2 … as the database wants them."""
    return text if connection.vendor == "postgresql" else text.replace("$1", "?").replace("$2", "?")


INSERT = (
    "INSERT INTO calls_account (id, provider, name, provider_account_id, region, time_zone,"
    " recording_hosts, created_at)"
    " VALUES ($1, 'callerdesk', $2, '', '', '', '[]', CURRENT_TIMESTAMP) RETURNING name"
)


def named(name: str):
    key = uuid4()
    return marks(INSERT), [key if connection.vendor == "postgresql" else key.hex, name]


class StatementsTests(TransactionTestCase):
    def test_each_statement_sees_what_those_before_it_wrote(self):
        counted = "SELECT count(*) FROM calls_account"
        told = fetch_all("default", [(counted, []), named("a"), named("b"), (counted, [])])
        self.assertEqual(told, [[(0,)], [("a",)], [("b",)], [(2,)]])

    def test_nothing_to_run_asks_nothing(self):
        connection.close()
        self.assertEqual(fetch_all("default", []), [])
        self.assertIsNone(connection.connection)

    def test_they_belong_to_the_transaction(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            fetch_all("default", [named("a"), named("b")])
            Account.objects.create(id=uuid4(), provider="callerdesk", name="of the ORM")
            1 / 0  # noqa: B018
        self.assertFalse(Account.objects.exists())
        with transaction.atomic():
            fetch("default", *named("kept"))
        self.assertEqual([one.name for one in Account.objects.all()], ["kept"])

    def test_more_than_the_system_takes_at_once_goes_both_ways(self):
        long = "x" * 4_000_000
        told = fetch_all("default", [(marks("SELECT $1" + self.text), [long])] * 5)
        self.assertEqual([len(rows[0][0]) for rows in told], [4_000_000] * 5)

    def test_nothing_is_null(self):
        self.assertEqual(fetch("default", marks("SELECT $1" + self.text), [None]), [(None,)])

    @override_settings(DATABASE_PREPARED_STATEMENTS=False)
    def test_a_pooler_need_not_keep_prepared_statements(self):
        fetch_all("default", [("SELECT 'never prepared'", [])] * 2)
        self.assertEqual(self.prepared("never prepared"), 0)

    def test_a_statement_is_prepared_once(self):
        for _ in range(3):
            fetch_all("default", [("SELECT 'prepared once'", [])] * 2)
        once = 1 if connection.vendor == "postgresql" else 0
        self.assertEqual(self.prepared("prepared once"), once)

    def test_it_is_planned_once(self):
        if connection.vendor != "postgresql":
            self.skipTest("SQLite plans each statement once")
        counting = "SELECT count(*) FROM calls_account WHERE id = ANY($1)"
        for keys in ([uuid4()], [uuid4() for _ in range(50)]) * 5:
            fetch("default", counting, [keys])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
                " WHERE statement = %s",
                [counting],
            )
            self.assertEqual(cursor.fetchone(), (10, 0))

    @property
    def text(self) -> str:
        return "::text" if connection.vendor == "postgresql" else ""

    def prepared(self, word: str) -> int:
        """On this connection, which a pool may have lent to others before."""
        if connection.vendor != "postgresql":
            return 0
        with connection.cursor() as cursor:
            mine = f"%'{word}'%"
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [mine]
            )
            return cursor.fetchone()[0]


class ErrorTests(TransactionTestCase):
    def setUp(self):
        if connection.vendor != "postgresql":
            self.skipTest("only PostgreSQL gets several at a time, and can lose its connection")

    def test_data_that_the_database_refuses_leaves_the_connection_good(self):
        with self.assertRaisesMessage(DataError, "invalid input syntax"), transaction.atomic():
            fetch_all("default", [named("a"), ("SELECT $1::uuid", ["no uuid"]), named("b")])
        self.assertFalse(Account.objects.exists())
        fetch("default", *named("after"))
        self.assertTrue(Account.objects.filter(name="after").exists())

    def test_none_of_the_rest_is_run(self):
        with self.assertRaises(DataError):
            fetch_all("default", [("SELECT $1::uuid", ["no uuid"]), named("b")])
        self.assertFalse(Account.objects.exists())

    def test_a_server_that_goes_away_is_an_operational_error(self):
        gone = "SELECT pg_terminate_backend(pg_backend_pid())"
        with self.assertRaises(OperationalError), transaction.atomic():
            fetch_all("default", [named("a"), (gone, []), named("b")])
        connection.close_if_unusable_or_obsolete()
        self.assertFalse(Account.objects.exists())

    def test_a_connection_that_is_closed_is_said(self):
        connection.ensure_connection()
        connection.connection.close()
        with self.assertRaises((OperationalError, InterfaceError)):
            fetch("default", *named("a"))
        connection.close()

    def test_whoever_is_interrupted_meanwhile_leaves_no_half_answer(self):
        def interrupt(*_):
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt), transaction.atomic():
            driver = connection.connection
            with self.interrupted(interrupt):
                fetch("default", "SELECT pg_sleep(5)", [])
        self.assertTrue(driver.closed)
        self.assertEqual(fetch("default", "SELECT 1", []), [(1,)])

    def interrupted(self, by):
        class Interrupting:
            register = modify = lambda *_: None
            poll = by

        return mock.patch.object(statements, "poll", Interrupting)
