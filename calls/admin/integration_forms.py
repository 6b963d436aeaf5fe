from datetime import timedelta
from uuid import uuid4

from django import forms
from django.utils.timezone import now

from calls import api_keys

_LONGEST = 3_650  # days


class IntegrationForm(forms.Form):
    """What an integration is called and may do."""

    name = forms.CharField(max_length=100, help_text="Which program reads with it: CRM, warehouse.")
    scopes = forms.MultipleChoiceField(
        label="What it may",
        choices=[(scope, scope) for scope in api_keys.SCOPES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one: a key without a scope opens nothing."},
    )

    def scopes_offered(self):
        """(checkbox, what the scope opens) of each."""
        return [(box, api_keys.SCOPES[box.data["value"]]) for box in self["scopes"]]


class SettingsForm(IntegrationForm):
    active = forms.BooleanField(
        required=False, help_text="Switched off, all of its keys are refused at once."
    )

    def __init__(self, integration, data=None):
        self.integration = integration
        names = ("name", "scopes", "active")
        super().__init__(data, initial={name: getattr(integration, name) for name in names})

    def save(self) -> list[str]:
        """The names of what is different now."""
        return api_keys.change(self.integration, **self.cleaned_data)


class KeyForm(forms.Form):
    expires_in = forms.IntegerField(
        required=False,
        label="Ends after, in days",
        min_value=1,
        max_value=_LONGEST,
        help_text="Empty: it works until somebody ends it.",
    )

    def expires_at(self):
        days = self.cleaned_data["expires_in"]
        return now() + timedelta(days=days) if days else None


class NewIntegrationForm(IntegrationForm, KeyForm):
    key = forms.UUIDField(widget=forms.HiddenInput)  # so that asking twice makes one

    field_order = ["name", "scopes", "expires_in", "key"]

    def __init__(self, data=None):
        super().__init__(data, initial={"scopes": api_keys.DEFAULT_SCOPES, "key": uuid4()})

    def create(self):
        """(key, its text). Raises ValueError."""
        given = self.cleaned_data
        return api_keys.create(given["name"], given["scopes"], self.expires_at(), given["key"])
