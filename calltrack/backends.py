"""Who somebody is and what they may do, by one question each."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission

from calltrack.people import find


class DeskBackend(ModelBackend):
    def get_user(self, user_id):
        """With what every page needs to know of a person."""
        user = find(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj, obj=None):
        if (
            not user_obj.is_active
            or user_obj.is_anonymous
            or user_obj.is_superuser
            or obj is not None
            or hasattr(user_obj, "_perm_cache")
        ):
            return super().get_all_permissions(user_obj, obj)
        names = Permission.objects.order_by().values_list("content_type__app_label", "codename")
        found = names.filter(user=user_obj).union(names.filter(group__user=user_obj))
        user_obj._perm_cache = {f"{app}.{codename}" for app, codename in found}
        return user_obj._perm_cache
