"""Tags, dispositions and labels through the API."""

from urllib.parse import quote
from uuid import uuid4

from calls import annotations
from calls.models import CallChange, CallDisposition, CallTag, Disposition, Tag
from tests import factories
from tests.calls.directory import agent, service_number

from .writing import WritingTestCase

BLIND = ("calls:read", "annotations:write")


def history(call):
    return list(CallChange.objects.filter(call=call).values_list("kind", "before", "after"))


class TagTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.tags = f"calls/{self.call.pk}/tags"

    def put(self, name, expect=201, **more):
        return self.send("put", f"{self.tags}/{quote(name, safe='')}", expect=expect, **more)

    def worn(self):
        return [one["name"] for one in self.get(self.tags)["results"]]

    def test_a_tag_is_put_on_once_and_taken_off(self):
        made = self.put("VIP").json()
        self.assertEqual(made, {"id": str(Tag.objects.get().pk), "name": "VIP"})
        self.assertEqual(self.put("vip", expect=200).json(), made)
        self.put(" hot ")
        self.assertEqual(self.worn(), ["VIP", "hot"])
        for _ in range(2):
            self.send("delete", f"{self.tags}/ViP", expect=204)
        self.send("delete", f"{self.tags}/never", expect=204)
        self.assertEqual(self.worn(), ["hot"])
        self.assertEqual(
            history(self.call),
            [("tag_added", "", "VIP"), ("tag_added", "", "hot"), ("tag_removed", "VIP", "")],
        )
        self.assertEqual(Tag.objects.count(), 2)  # one that nobody wears stays, as in the desk

    def test_names_of_all_kinds(self):
        for name in ("a/b", "ü & ?", "100%", "..", "x" * 50):
            with self.subTest(name):
                self.assertEqual(self.put(name).json()["name"], name)
                self.send("delete", f"{self.tags}/{quote(name, safe='')}", expect=204)
        self.assertFalse(CallTag.objects.exists())

    def test_names_that_are_none(self):
        for name in (" ", "x" * 51, "a\0b"):
            with self.subTest(name=name):
                self.assertEqual(list(self.faults(self.put(name, expect=400))), ["name"])
                self.send("delete", f"{self.tags}/{quote(name)}", expect=400)

    def test_a_body_says_nothing_here(self):
        self.put("VIP", body={})
        self.assertEqual(
            self.faults(self.put("VIP", body={"colour": "red"}, expect=400)),
            {"/colour": "Unknown field."},
        )

    def test_of_a_call_that_is_not_there(self):
        for call in (uuid4(), "nonsense"):
            self.get(f"calls/{call}/tags", expect=404)
            for method in ("put", "delete"):
                self.send(method, f"calls/{call}/tags/VIP", expect=404)
        self.assertFalse(Tag.objects.exists())

    def test_people_need_the_permission_to_make_a_tag(self):
        self.person(may=["view_call", "annotate_call"])
        self.put("VIP", expect=403, headers={})
        self.assertFalse(Tag.objects.exists())
        Tag.objects.create(name="VIP")
        self.put("vip", headers={})
        self.person(may=["view_call", "annotate_call", "add_tag"])
        self.put("hot", headers={})
        self.assertEqual(self.worn(), ["VIP", "hot"])

    def test_it_takes_the_scope(self):
        for method in ("put", "delete"):
            self.send(method, f"{self.tags}/VIP", expect=403, headers=self.headers_of("calls:read"))

    def test_numbers_in_names_are_masked(self):
        blind = self.headers_of(*BLIND)
        made = self.put("+13125550177", headers=blind).json()
        self.assertEqual(made["name"], "+1••••••0177")
        shown = self.client.get(f"/api/v1/{self.tags}", headers=blind).json()["results"]
        self.assertEqual(shown, [made])

    def test_options_are_told(self):
        for path in (self.tags, f"{self.tags}/VIP", f"calls/{self.call.pk}/disposition"):
            self.assertIn(
                "GET" if path == self.tags else "PUT", self.send("options", path)["Allow"]
            )
        self.send("options", f"calls/{uuid4()}/tags/VIP")

    def test_an_unknown_parameter_is_named(self):
        self.assertEqual(self.get(self.tags, expect=400, colour="red")["status"], 400)


class DispositionTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.path = f"calls/{self.call.pk}/disposition"
        for name in ("Sold", "Lost +13125550177"):
            Disposition.objects.create(name=name)
        Disposition.objects.create(name="Faxed", active=False)

    def test_it_is_set_changed_and_taken_back(self):
        self.assertEqual(self.get(self.path), {"name": None})
        for _ in range(2):
            self.assertEqual(self.send("put", self.path, {"name": "sold"}).json(), {"name": "Sold"})
        self.assertEqual(self.get(self.path), {"name": "Sold"})
        self.send("put", self.path, {"name": "Lost +13125550177"})
        for _ in range(2):
            self.send("delete", self.path, expect=204)
        self.assertEqual(self.get(self.path), {"name": None})
        self.assertEqual(
            [(before, after) for _, before, after in history(self.call)],
            [("", "Sold"), ("Sold", "Lost +13125550177"), ("Lost +13125550177", "")],
        )

    def test_what_is_not_offered_is_refused_in_words(self):
        for name in ("Faxed", "Won", "x" * 51, "", None, 5, "a\0b"):
            with self.subTest(name=name):
                faults = self.faults(self.send("put", self.path, {"name": name}, expect=400))
                self.assertEqual(list(faults), ["/name"])
        told = self.faults(self.send("put", self.path, {"name": "Won"}, expect=400))["/name"]
        self.assertIn("Sold", told)
        blind = self.headers_of(*BLIND)
        told = self.send("put", self.path, {"name": "Won"}, expect=400, headers=blind).content
        self.assertNotIn(b"5550177", told)
        self.assertEqual(
            self.faults(self.send("put", self.path, {"colour": 1}, expect=400)).keys(),
            {"/name", "/colour"},
        )
        self.assertFalse(CallDisposition.objects.exists())

    def test_numbers_in_names_are_masked(self):
        lost = Disposition.objects.get(name__startswith="Lost")
        annotations.set_disposition(self.call, factories.UserFactory(), lost)
        blind = self.headers_of(*BLIND)
        for response in (
            self.client.get(f"/api/v1/{self.path}", headers=blind),
            self.send("put", self.path, {"name": lost.name}, headers=blind),
        ):
            self.assertEqual(response.json(), {"name": "Lost +1••••••0177"})

    def test_of_a_call_that_is_not_there(self):
        path = f"calls/{uuid4()}/disposition"
        self.get(path, expect=404)
        self.send("put", path, {"name": "Sold"}, expect=404)
        self.send("delete", path, expect=404)

    def test_it_takes_the_scope_or_the_permission(self):
        self.person(may=["view_call"])
        for headers in (self.headers_of("calls:read"), {}):
            self.send("put", self.path, {"name": "Sold"}, expect=403, headers=headers)
            self.send("delete", self.path, expect=403, headers=headers)
        self.person(may=["view_call", "annotate_call"])
        self.send("put", self.path, {"name": "Sold"}, headers={})


class LabelTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        account = self.call.account
        self.number = service_number(account, "+13125550100", label="Shop", source="Flyer")
        self.asha = agent(account, "+13125550199", name="Asha")

    def test_what_is_given_is_written_and_the_rest_stays(self):
        path = f"service-numbers/{self.number.pk}"
        shown = self.send("patch", path, {"label": " Till ", "campaign": "May"}).json()
        self.assertEqual(
            (shown["label"], shown["source"], shown["campaign"]), ("Till", "Flyer", "May")
        )
        self.assertEqual(self.get(path), shown)
        shown = self.send("patch", path, {"source": None, "label": ""}).json()
        self.assertEqual((shown["label"], shown["source"]), (None, None))
        self.number.refresh_from_db()
        self.assertEqual((self.number.label, self.number.source), ("", ""))
        self.assertEqual(self.send("patch", path, {}).json(), shown)

    def test_an_agent_is_named(self):
        shown = self.send("patch", f"agents/{self.asha.pk}", {"name": "Dev"}).json()
        self.assertEqual(shown["name"], "Dev")
        self.asha.refresh_from_db()
        self.assertEqual(self.asha.name, "Dev")

    def test_what_is_masked_is_not_overwritten(self):
        self.number.label, self.asha.name = "Shop +13125550177", "+13125550178"
        self.number.save()
        self.asha.save()
        blind = self.headers_of(*BLIND)
        for path, body in {
            f"service-numbers/{self.number.pk}": {"label": "Till"},
            f"agents/{self.asha.pk}": {"name": None},
        }.items():
            with self.subTest(path):
                refused = self.send("patch", path, body, expect=403, headers=blind)
                self.assertIn("what is masked would be lost", refused.json()["detail"])
                self.send("patch", path, body)
        self.number.label = "Shop +13125550177"
        self.number.save()
        path = f"service-numbers/{self.number.pk}"  # the other columns are theirs to write
        shown = self.send("patch", path, {"source": "Flyer"}, headers=blind).json()
        self.assertEqual(shown["label"], "Shop +1••••••0177")

    def test_all_faults_at_once(self):
        wrong = {"label": "x" * 101, "source": 5, "number": "+13125550101", "campaign": "a\0"}
        faults = self.faults(
            self.send("patch", f"service-numbers/{self.number.pk}", wrong, expect=400)
        )
        self.assertEqual(faults.keys(), {"/label", "/source", "/number", "/campaign"})
        self.number.refresh_from_db()
        self.assertEqual(self.number.number, "+13125550100")

    def test_what_is_not_there_is_not_found(self):
        for kind in ("service-numbers", "agents"):
            for key in (uuid4(), "nonsense"):
                self.send("patch", f"{kind}/{key}", {}, expect=404)

    def test_it_takes_the_scope_or_the_permission_of_the_desk(self):
        ways = [(f"service-numbers/{self.number.pk}", "change_servicenumber")]
        ways += [(f"agents/{self.asha.pk}", "change_agent")]
        for path, permission in ways:
            with self.subTest(path):
                self.person(may=["view_call", "annotate_call"])
                for headers in (self.headers_of("calls:read"), {}):
                    self.send("patch", path, {}, expect=403, headers=headers)
                self.person(may=["view_call", permission])
                self.send("patch", path, {}, headers={})

    def test_it_is_neither_made_nor_deleted_here(self):
        path = f"agents/{self.asha.pk}"
        for method in ("put", "delete"):
            self.send(method, path, {}, expect=405)
        self.send("post", "agents", {}, expect=405)
