"""Nobody without the permission reads a full number out of a text, however it is written there."""

import json
import re
from time import process_time
from urllib.parse import quote, urlencode

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from calls.masking import value_without_numbers, without_numbers
from calls.numbers import masked
from webhooks.payloads import form_lines, readable

digits = st.text("0123456789", min_size=7, max_size=15)


def grouped(text, sizes, separator):
    """`text` in groups of these sizes, the rest in the last one."""
    groups = []
    for size in sizes:
        groups.append(text[:size])
        text = text[size:]
    return separator.join(one for one in [*groups, text] if one)


SEPARATORS = [" ", "-", ".", "/", "\u00a0", "\u202f", "\u2011", "_", " - ", "%20", "\\u00a0", ") "]
spelled = st.builds(
    lambda number, plus, sizes, separator: plus + grouped(number, sizes, separator),
    digits,
    st.sampled_from(["", "+", "00", "0", "%2B", "\\u002b", "tel:", "sip:+", "(+"]),
    st.sampled_from([(), (5,), (3, 3), (1, 3, 3), (2, 5), (2, 2, 2, 2), (4, 3)]),
    st.sampled_from(SEPARATORS),
)
around = st.sampled_from(
    [
        ("", ""),
        ("call ", " back"),
        ("https://recordings.example/a/", "_20260101.mp3"),
        ("https://recordings.example/in-", ".wav?x=1"),
        ("rec", "x"),
        ("<sip:", "@pbx.example;user=phone>"),
        ('{"note": "', '"}'),
        ('{"seen": ', ", "),
        ("SourceNumber=", "&Status=ANSWER"),
        ("since 2026-03-14 10:00:00: ", ", again 2026-03-15"),
        ("CA0101c0ffeec0ffeec0ffeec0ffeec0ffeecade01 ", " 1704083400.960"),
        ("%22", "%22%2C"),
        ("(", ")"),
        ("\u202a", "\u202c"),
        ("x\n", "\ny"),
    ]
)


def runs(text):
    """Digits that stand together, whatever is between them but the mask, letters and line ends."""
    plain = re.sub(r"%(?!3\d)[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}", "", text).replace("%3", "")
    return [re.sub(r"\D", "", one) for one in re.split(r"[•\n\"]|[A-Za-z&=]+", plain)]


def leaks(original, shown):
    number = "".join(runs(original))
    seven = {number[i : i + 7] for i in range(len(number) - 6)}
    return [part for run in runs(shown) for part in seven if part in run]


class AnyTextTests(SimpleTestCase):
    @given(spelled, around)
    def test_no_seven_digits_of_a_number_survive_in_a_row(self, number, context):
        before, after = context
        shown = without_numbers(f"{before}{number}{after}")
        self.assertEqual(leaks(number, shown), [], shown)
        self.assertIn("•", shown)

    @given(digits, st.sampled_from(["from", "DialWhomNumber", "callerId", "note", "x"]))
    def test_nor_in_a_payload_of_any_form(self, number, name):
        data = {name: f"+{number}", "Status": "ANSWER"}
        for text in (
            readable(json.dumps(data).encode(), "application/json"),
            readable(json.dumps({name: int(number)}).encode(), "application/json"),
            json.dumps(json.dumps(data)),
            urlencode(data),
            urlencode({"payload": json.dumps(data)}),
            quote(urlencode(data)),
            form_lines(urlencode(data)),
        ):
            self.assertEqual(leaks(number, without_numbers(text)), [], without_numbers(text))

    @given(digits)
    def test_nor_of_percent_encoded_digits(self, number):
        text = "".join(f"%{ord(digit):x}" for digit in number)
        self.assertEqual(leaks(number, without_numbers(text)), [], without_numbers(text))

    @given(st.text())
    def test_any_text_is_taken_and_text_without_digits_stays(self, text):
        shown = without_numbers(text)
        if not re.search(r"\d", text):
            self.assertEqual(shown, text)

    @given(st.text("0123456789 -+()", max_size=30))
    def test_masking_what_is_masked_changes_nothing(self, text):
        once = without_numbers(text)
        self.assertEqual(without_numbers(once), once)


ODD = [
    *(
        " · ",
        "·",
        ", ",
        ",",
        ": ",
        ":",
        "|",
        " | ",
        ";",
        "*",
        "#",
        "\n",
        "\r\n",
        " " * 5,
        " / - / ",
    ),
    *(")…(", "\\n", '", "', " – ", "~", "@", "=", "•", " • ", "\u2003\u2003", "&", "'", "<>"),
]


class SeparatorTests(SimpleTestCase):
    """Whatever stands between its digits, but letters, is taken for part of the number."""

    def test_no_separator_hides_a_number(self):
        for separator in ODD:
            for sizes in ((5,), (3, 3), (2, 2, 2, 2), (1,) * 10):
                number = grouped("9876504321", sizes, separator)
                with self.subTest(number):
                    shown = re.sub(r"\D", "", without_numbers(f"call {number} back"))
                    self.assertEqual(shown, "4321")

    def test_what_is_masked_stays_as_it_is(self):
        for separator in ODD:
            once = without_numbers(separator.join(["+919876504321"] * 3) + separator + "12")
            with self.subTest(once):
                self.assertEqual(without_numbers(once), once)

    def test_times_of_day_stay(self):
        for text in ("10:00, 11:30, 12:15", "open 09:00 - 17:30", "10:00:00 – 10:05:59"):
            self.assertEqual(without_numbers(text), text)
        for text in ("+12:34, 12:34", "12:34:56:12", "12:34 98:76", "12:34 56789"):
            self.assertIn("•", without_numbers(text))

    def test_long_texts_of_digits_and_separators_take_no_time(self):
        for part in (
            *(
                "1" + 8 * " ",
                "123" + 9 * ",",
                "12, 34; 56 a ",
                "1\n",
                "%20",
                "1%2",
                "\\u00",
                "1 • ",
            ),
            *(
                "12:34, ",
                "1-2-3-4-5-6" + 8 * "-" + "x",
                "+1 ",
                "&#160;1&",
                "1\\n",
                "% 3",
                "1   •••",
            ),
        ):
            with self.subTest(part):
                begun = process_time()
                without_numbers(part * (100_000 // len(part)))
                self.assertLess(process_time() - begun, 1)


class ReadableTests(SimpleTestCase):
    def test_what_is_no_number_stays(self):
        for text in (
            "2026-03-14",
            "2026-03-14T10:00:00Z",
            "2026-03-14 10:00:00.123456+05:30",
            "StartTime=2024-01-01+10:00:00",
            "2024-01-01%2010:00:00",
            "3f2b1f0e-6a0e-5d0c-9f43-2c1b7a9d4e10",
            "00000000-0000-0000-0000-000000000000",
            "CA010101c0ffeec0ffeec0ffeec0ffeedecade0001",
            "CA" + "0" * 39 + "1",
            "1704083400.960",
            "https://callrecords.example/incoming/01_2024/1704083400.960.wav",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "waited 12 s, talked 3 min 20 s, 100 % at 10:00:00",
            '"CallDuration": "60",\n  "TalkDuration": "45",\n  "coins": "1"',
            "ANSWER (16), error 404",
            "extension 1234",
        ):
            with self.subTest(text):
                self.assertEqual(without_numbers(text), text)

    def test_a_number_reads_as_its_country_and_its_end(self):
        for text, shown in {
            "call +919000004209 back": "call +91••••••4209 back",
            "call +91 90000-04209 back": "call +91••••••4209 back",
            "sip:+13125554209@pbx.example": "sip:+1••••••4209@pbx.example",
            "f=%2B919000004209&x": "f=+91••••••4209&x",
            "(312) 555-4209": "(••••••4209",
            "https://r.example/919000004209.mp3": "https://r.example/••••••4209.mp3",
        }.items():
            with self.subTest(text):
                self.assertEqual(without_numbers(text), shown)

    def test_a_field_that_holds_a_number_is_masked_however_odd_it_is(self):
        for text, shown in {
            '"from": "12 34 5"': '"from": "••••"',
            '"to": 56789': '"to": "••••"',
            '"From":"sip:alice@pbx.example"': '"From":"sip:alice@pbx.example"',
            '"DialWhomNumber": "1234"': '"DialWhomNumber": "••••"',
            "SourceNumber = 56789\nStatus = 16": "SourceNumber = ••••\nStatus = 16",
            "a=1&to=56789&b=12345": "a=1&to=••••&b=12345",
            '"Status": "56789"': '"Status": "56789"',
        }.items():
            with self.subTest(text):
                self.assertEqual(without_numbers(text), shown)

    def test_a_page_of_digits_is_masked_in_no_time(self):
        for text in ("1 " * 40_000, "%2" * 30_000, '"from": "' * 8_000, "1-1_1%201 " * 8_000):
            without_numbers(text)


class MaskedTests(SimpleTestCase):
    def test_a_column_that_holds_a_number(self):
        for number, shown in {
            "+919000004209": "+91••••••4209",
            "+13125554209": "+1••••••4209",
            "09000004209": "••••••4209",
            "5554209": "••••••09",
            "56789": "••••",
            "1234": "••••",
            "": "",
            "anonymous": "anonymous",
            "sip:+13125554209@10.0.0.1": "+1••••••4209",
            "sip:alice@10.0.0.1": "sip:alice@10.0.0.1",
            "٩٠٠٠٠٠٤٢٠٩": "••••••٤٢٠٩",
            "+29021234": "••••••234",
        }.items():
            with self.subTest(number):
                self.assertEqual(masked(number), shown)

    @given(digits, st.sampled_from(["+", "", "sip:+", "tel:"]))
    def test_three_digits_at_least_are_hidden(self, number, prefix):
        shown = re.sub(r"\D", "", masked(prefix + number))
        self.assertLessEqual(len(shown), len(number) - 3)


class ValueTests(SimpleTestCase):
    def test_what_json_holds_is_masked_at_any_depth(self):
        value = {"a": [{"from": "12345", "x": "+919000004209"}, 919000004209, 9, None, True]}
        self.assertEqual(
            value_without_numbers(value),
            {"a": [{"from": "••••", "x": "+91••••••4209"}, "••••••4209", 9, None, True]},
        )
