from django import forms
from django.contrib import admin
from django.db import models
from django.forms.fields import InvalidJSONInput
from django.utils.html import format_html_join

from calls.choices import Provider
from calls.numbers import e164
from calltrack.admin import ReadOnlyAdmin, SturdyAdmin, link_to_list
from webhooks import endpoints
from webhooks.models import CallScript, Delivery, Endpoint, Secret
from webhooks.providers.freeclimb import percl


class EndpointForm(forms.ModelForm):
    agent_numbers = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 24}),
        help_text="One a line. They tell agents from customers.",
    )

    class Meta:
        model = Endpoint
        fields = ["label", "region", "time_zone", "agent_numbers", "allow_unsigned", "active"]
        help_texts = {
            "time_zone": "Zone of times that carry none: Asia/Kolkata. A change holds from now on; "
            "manage.py rebuild applies it to what came before.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["agent_numbers"] = "\n".join(self.instance.agent_numbers)

    def clean_region(self):
        region = self.cleaned_data["region"]
        try:
            return endpoints.check_region(region) if region else ""
        except endpoints.Refused as error:
            raise forms.ValidationError(str(error)) from None

    def clean_time_zone(self):
        try:
            return endpoints.check_time_zone(self.cleaned_data["time_zone"])
        except endpoints.Refused as error:
            raise forms.ValidationError(str(error)) from None

    def clean_agent_numbers(self):
        region = self.cleaned_data.get("region", "")
        numbers, wrong = [], []
        for line in self.cleaned_data["agent_numbers"].split("\n"):
            if typed := line.strip():
                number = e164(typed, region)
                (numbers if number else wrong).append(number or typed)
        if wrong:
            raise forms.ValidationError(f"No telephone number: {', '.join(wrong)}")
        return sorted(set(numbers))


@admin.register(Endpoint)
class EndpointAdmin(SturdyAdmin):
    form = EndpointForm
    list_display = ["__str__", "account", "time_zone", "allow_unsigned", "active", "created_at"]
    list_filter = ["active", "account__provider"]
    list_select_related = ["account"]
    search_fields = ["label__exact", "account__name__exact"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "account",
                    "label",
                    "region",
                    "time_zone",
                    "agent_numbers",
                    "allow_unsigned",
                    "active",
                ]
            },
        ),
        ("Secrets", {"fields": ["tokens", "signing_secrets", "rotation"]}),
        ("Inbox", {"fields": ["id", "created_at", "deliveries"]}),
    ]
    readonly_fields = [
        "account",
        "tokens",
        "signing_secrets",
        "rotation",
        "id",
        "created_at",
        "deliveries",
    ]

    def has_add_permission(self, request):
        return False  # `manage.py create_endpoint` shows the token, once

    def has_delete_permission(self, request, obj=None):
        return False  # its deliveries name it; an inactive one lets nothing in

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account")

    @admin.display(description="Tokens")
    def tokens(self, endpoint):
        return _hints(endpoint, Secret.Kind.TOKEN)

    @admin.display(description="Signing secrets")
    def signing_secrets(self, endpoint):
        return _hints(endpoint, Secret.Kind.SIGNING)

    @admin.display(description="To change them")
    def rotation(self, endpoint):
        start = f"python3 manage.py rotate_endpoint --id {endpoint.pk}"
        ways = [("A new token, shown once; two are live, of three the oldest ends:", "--new-token")]
        if endpoint.provider == Provider.FREECLIMB:
            ways += [
                ("A further signing secret, at most two:", "--add-secret sigsec_…"),
                ("The old one is out of use:", "--drop-secret <its last four characters>"),
            ]
        rows = [(what, f"{start} {option}") for what, option in ways]
        return format_html_join("", "<p>{}<br><code>{}</code></p>", rows)

    @admin.display(description="Deliveries")
    def deliveries(self, endpoint):
        text = "What came through this endpoint"
        return link_to_list(Delivery, text, endpoint__id__exact=endpoint.pk)


def _hints(endpoint, kind):
    secrets = endpoint.secrets.filter(kind=kind)
    rows = [(one.hint, f"{one.created_at:%Y-%m-%d %H:%M} UTC") for one in secrets]
    return format_html_join("", "<p>…{} since {}</p>", rows) or "none"


@admin.register(Secret)
class SecretAdmin(ReadOnlyAdmin):
    """Hints only. Changed by `manage.py rotate_endpoint`."""

    list_display = ["created_at", "endpoint", "kind", "hint"]
    list_filter = ["kind"]
    list_select_related = ["endpoint__account"]
    ordering = ["-created_at", "-id"]
    fields = ["endpoint", "kind", "hint", "created_at"]


class ScriptField(forms.JSONField):
    """What cannot be read is told, and shown as it was typed."""

    def to_python(self, value):
        try:
            return percl.read(value) if value else None
        except ValueError as error:
            raise forms.ValidationError(f"Enter valid JSON: {error}") from None

    def bound_data(self, data, initial):
        return InvalidJSONInput(data or "")


class CallScriptForm(forms.ModelForm):
    def clean_percl(self):
        script = self.cleaned_data["percl"]
        if errors := percl.validate(script):
            raise forms.ValidationError(errors)
        return script


@admin.register(CallScript)
class CallScriptAdmin(SturdyAdmin):
    form = CallScriptForm
    formfield_overrides = {models.JSONField: {"form_class": ScriptField}}
    list_display = ["request_type", "called_number", "endpoint", "updated_at"]
    list_filter = ["request_type"]
    list_select_related = ["endpoint__account"]
    search_fields = ["called_number__exact", "request_type__exact"]
    fields = ["endpoint", "request_type", "called_number", "percl", "updated_at"]
    readonly_fields = ["updated_at"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "endpoint":  # only FreeClimb is answered with PerCL
            kwargs["queryset"] = Endpoint.objects.select_related("account").filter(
                account__provider=Provider.FREECLIMB
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
