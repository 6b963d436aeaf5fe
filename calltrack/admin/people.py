"""Users and groups, what they set for themselves, and what they did."""

import json

from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.utils.html import format_html_join
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from calltrack.models import AuditEntry, Profile
from calltrack.profile import forget_second_factor

from .base import ReadOnlyAdmin, SturdyChangeList

# Their pages would show secrets; a user's own page removes a second factor.
admin.site.unregister([StaticDevice, TOTPDevice, Group, User])


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    def get_changelist(self, request, **kwargs):
        return SturdyChangeList


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Superusers are for superusers to change: nobody lifts themselves above others."""

    list_display = ["username", "full_name", "role", "second_factor", "is_active", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    ordering = ["username"]
    actions = ["remove_second_factor", "let_in_again"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        (
            "What they may",
            {
                "fields": ["is_active", "is_staff", "groups", "is_superuser", "user_permissions"],
                "description": "It takes the staff status to come in, and a group to see anything.",
            },
        ),
        ("Times", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        ("What they may", {"fields": ["is_staff", "groups"]}),
    ]

    def get_changelist(self, request, **kwargs):
        return SturdyChangeList

    def get_queryset(self, request):
        has_one = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        people = super().get_queryset(request).prefetch_related("groups")
        return people.annotate(has_second_factor=Exists(has_one))

    def get_readonly_fields(self, request, obj=None):
        own = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        return own if request.user.is_superuser else [*own, "is_superuser", "user_permissions"]

    def has_change_permission(self, request, obj=None):
        return self._within_reach(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._within_reach(request, obj) and super().has_delete_permission(request, obj)

    def _within_reach(self, request, obj):
        return obj is None or request.user.is_superuser or not obj.is_superuser

    def delete_queryset(self, request, queryset):
        self._refuse_superusers(request, queryset)
        super().delete_queryset(request, queryset)

    def _refuse_superusers(self, request, queryset):
        if not request.user.is_superuser and queryset.filter(is_superuser=True).exists():
            raise PermissionDenied

    @admin.display(description="Name")
    def full_name(self, person):
        return person.get_full_name()

    @admin.display(description="Role")
    def role(self, person):
        if person.is_superuser:
            return "Superuser"
        groups = ", ".join(group.name for group in person.groups.all())
        return groups if person.is_staff else f"{groups} (may not come in)".strip()

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, person):
        return person.has_second_factor

    @admin.action(description="Remove the second factor", permissions=["change"])
    def remove_second_factor(self, request, queryset):
        """For who lost their authenticator and their backup codes."""
        self._refuse_superusers(request, queryset)
        people = list(queryset.filter(has_second_factor=True))
        for person in people:
            forget_second_factor(person)
            self.log_change(request, person, "Removed the second factor.")
        self.message_user(request, f"Removed from {len(people)}.", messages.SUCCESS)

    @admin.action(description="Let in again after too many attempts", permissions=["change"])
    def let_in_again(self, request, queryset):
        self._refuse_superusers(request, queryset)
        names = list(queryset.values_list("username", flat=True))
        AccessAttempt.objects.filter(username__in=names).delete()
        self.message_user(request, "They may try again at once.", messages.SUCCESS)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what. Nobody changes or deletes any of it here, whatever they may."""

    list_display = ["at", "username", "action", "object_type", "object_id", "address"]
    list_filter = ["action", "user"]
    search_fields = ["username__exact", "object_id__exact"]
    search_help_text = "A user name, or the id of a call, recording or delivery."
    ordering = ["-at", "-id"]
    fields = ["at", "username", "action", "object_type", "object_id", "address", "more"]
    actions = None

    @admin.display(description="Details")
    def more(self, entry):
        lines = ((name, _plain(value)) for name, value in entry.details.items())
        return format_html_join("", "<p>{}: {}</p>", lines) or "–"


def _plain(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """Everybody sets their own, on the profile page."""

    list_display = ["user", "time_zone"]
    list_select_related = ["user"]
    ordering = ["user__username"]
