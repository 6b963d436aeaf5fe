"""Members of the groups that an installation begins with."""

from django.contrib.auth.models import Group

from tests import factories

LADDER = ("Viewer", "Operator", "Supervisor", "Administrator")  # each may what the former may


def member(group, **columns):
    person = factories.UserFactory(**columns)
    person.groups.add(Group.objects.get(name=group))
    return person
