from uuid import uuid4

from django import forms

from calls.choices import Provider
from calls.numbers import e164
from webhooks import endpoints

_HOSTS_HELP = (
    "One a line: recordings.example.com. Recordings at these hosts and their subdomains are played "
    "in pages. Empty: the provider's own."
)


def refused(check, value):
    """The value as checked, or the reason as a form's error."""
    try:
        return check(value)
    except endpoints.Refused as error:
        text = str(error)
        raise forms.ValidationError(text[:1].upper() + text[1:] + ".") from None


def lines(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


class PlaceForm(forms.Form):
    """What both a new endpoint and a changed one are asked for."""

    label = forms.CharField(
        required=False, max_length=100, help_text="What you call it. Empty: the account's name."
    )
    region = forms.CharField(
        required=False, max_length=2, help_text="Of national numbers, an ISO 3166 code: IN, US."
    )
    time_zone = forms.CharField(
        required=False, max_length=64, help_text="Of times that carry none: Asia/Kolkata, UTC."
    )
    allow_unsigned = forms.BooleanField(
        required=False,
        help_text="Let requests in without a signature although the provider can sign.",
    )
    recording_hosts = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_HOSTS_HELP,
    )

    def clean_label(self):
        label = self.cleaned_data["label"].strip()
        return (
            refused(lambda text: endpoints.checked(text, "the label", 100), label) if label else ""
        )

    def clean_region(self):
        region = self.cleaned_data["region"]
        return refused(endpoints.check_region, region) if region else ""

    def clean_time_zone(self):
        zone = self.cleaned_data["time_zone"].strip()
        return refused(endpoints.check_time_zone, zone) if zone else ""

    def clean_recording_hosts(self):
        hosts = lines(self.cleaned_data["recording_hosts"])
        return [refused(endpoints.check_host, host) for host in hosts]


class NewEndpointForm(PlaceForm):
    provider = forms.ChoiceField(choices=Provider.choices)
    account = forms.CharField(
        max_length=100,
        help_text="The account's name. One that exists already gets an endpoint more.",
    )
    provider_account_id = forms.CharField(
        required=False,
        max_length=255,
        label="Account id at the provider",
        help_text="FreeClimb: AC…, from its dashboard. Webhooks of another are kept as failed.",
    )
    secret = forms.CharField(
        required=False,
        max_length=255,
        label="Signing secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="FreeClimb: sigsec_…, from its dashboard. Without one nothing is let in, unless "
        "unsigned requests are allowed.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # so that asking twice makes one

    field_order = [
        "provider",
        "account",
        "label",
        "provider_account_id",
        "secret",
        "region",
        "time_zone",
        "allow_unsigned",
        "recording_hosts",
        "key",
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4
        self.fields["region"].help_text += " Empty: the provider's home."
        self.fields["time_zone"].help_text += " Empty: the provider's home."

    def create(self):
        """(endpoint, token). Raises endpoints.Refused."""
        given = self.cleaned_data
        endpoint, token = endpoints.create_endpoint(
            provider=given["provider"],
            account=given["account"],
            provider_account_id=given["provider_account_id"],
            label=given["label"],
            region=given["region"],
            time_zone=given["time_zone"],
            secrets=[given["secret"]] if given["secret"] else [],
            allow_unsigned=given["allow_unsigned"],
            endpoint_id=given["key"],
        )
        if given["recording_hosts"]:
            endpoints.set_recording_hosts(endpoint.account, given["recording_hosts"])
        return endpoint, token


class EndpointForm(PlaceForm):
    agent_numbers = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One a line. They tell agents from customers.",
    )
    provider_account_id = forms.CharField(
        required=False,
        max_length=255,
        label="Account id at the provider",
        help_text="Told once; after that it stays.",
    )
    active = forms.BooleanField(
        required=False, help_text="Switched off, it answers 404: the provider may give up."
    )

    field_order = [
        "label",
        "provider_account_id",
        "region",
        "time_zone",
        "agent_numbers",
        "recording_hosts",
        "allow_unsigned",
        "active",
    ]

    def __init__(self, endpoint, viewer, *args, **kwargs):
        self.endpoint = endpoint
        account = endpoint.account
        initial = {
            "label": endpoint.label,
            "region": endpoint.region,
            "time_zone": endpoint.time_zone,
            "allow_unsigned": endpoint.allow_unsigned,
            "active": endpoint.active,
            "agent_numbers": "\n".join(endpoint.agent_numbers),
            "recording_hosts": "\n".join(account.recording_hosts),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields[
            "time_zone"
        ].help_text += (
            " A change holds from now on; manage.py rebuild applies it to what came before."
        )
        self.fields["time_zone"].required = True
        if not viewer.sees_numbers:
            del self.fields["agent_numbers"]  # what cannot be shown cannot be edited
        if account.provider_account_id:
            del self.fields["provider_account_id"]
        if account.provider != Provider.FREECLIMB:
            del self.fields["allow_unsigned"]

    def clean_agent_numbers(self):
        region = self.cleaned_data.get("region") or self.endpoint.region
        numbers, wrong = [], []
        for typed in lines(self.cleaned_data["agent_numbers"]):
            number = e164(typed, region)
            (numbers if number else wrong).append(number or typed)
        if wrong:
            raise forms.ValidationError(f"No telephone number: {', '.join(wrong)}")
        return sorted(set(numbers))

    def save(self):
        """The names of what is different now. Raises endpoints.Refused."""
        given = dict(self.cleaned_data)
        account, changed = self.endpoint.account, []
        hosts, theirs = given.pop("recording_hosts"), given.pop("provider_account_id", "")
        if theirs:
            endpoints.set_provider_account_id(account, theirs)
            changed.append("provider_account_id")
        if endpoints.set_recording_hosts(account, hosts):
            changed.append("recording_hosts")
        return changed + endpoints.change(self.endpoint, **given)
