from uuid import uuid4

from django import forms

from webhooks import subscriptions
from webhooks.outgoing.events import EVENTS
from webhooks.outgoing.target import LONGEST_URL, BadTarget, check_url

_FILTER_HELP = (
    "Only about calls that this finds, in the words of /api/v1/calls/: "
    "missed=true&direction=inbound, service_number=+13125550100. Empty: about all."
)


class SubscriptionForm(forms.Form):
    """What people may set. `subscription` is None for a new one."""

    name = forms.CharField(max_length=100, help_text="What you call it.")
    url = forms.CharField(
        max_length=LONGEST_URL,
        label="URL",
        widget=forms.TextInput(
            attrs={"inputmode": "url", "spellcheck": "false", "placeholder": "https://…"}
        ),
        help_text="Where the events are posted to: https, and an address of the public Internet.",
    )
    events = forms.MultipleChoiceField(
        choices=[(name, name) for name in EVENTS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )
    filter = forms.CharField(
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_FILTER_HELP,
    )
    full_numbers = forms.BooleanField(
        required=False,
        label="Full telephone numbers",
        help_text="Otherwise they are masked, +91••••••4209, as for most people here.",
    )

    def __init__(self, request, subscription=None, data=None):
        self.request, self.subscription = request, subscription
        names = ("name", "url", "events", "filter", "full_numbers")
        initial = {name: getattr(subscription, name) for name in names} if subscription else {}
        super().__init__(data, initial=initial)
        if subscription is None:  # so that asking twice makes one
            self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def events_offered(self):
        """(checkbox, what the event means) of each."""
        return [(box, EVENTS[box.data["value"]].sentence) for box in self["events"]]

    def clean_url(self):
        url = self.cleaned_data["url"]
        try:
            check_url(url)
        except BadTarget as error:
            raise forms.ValidationError(str(error)) from None
        return url

    def clean_filter(self):
        return " ".join(self.cleaned_data["filter"].split()).removeprefix("?")

    def clean(self):
        """Whether full numbers are told decides what the filter may search for."""
        given = super().clean()
        integration = self.subscription and self.subscription.integration
        sees = given["full_numbers"] and (
            integration is None or "numbers:full" in integration.scopes
        )
        for fault in subscriptions.filter_faults(given.get("filter", ""), sees_numbers=sees):
            self.add_error("filter", fault)
        return given

    def create(self):
        """Raises subscriptions.Refused."""
        return subscriptions.create(
            integration=None, created_by=self.request.user.get_username(), **self.cleaned_data
        )

    def save(self) -> list[str]:
        """The names of what is different now."""
        return subscriptions.change(self.subscription, **self.cleaned_data)
