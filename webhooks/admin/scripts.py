import json

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.forms.fields import InvalidJSONInput
from django.utils.html import format_html

from calls.choices import Provider
from calltrack.admin import SturdyAdmin, preformatted
from webhooks import admission
from webhooks.models import CallScript, Endpoint
from webhooks.providers.freeclimb import percl, words
from webhooks.providers.freeclimb.answers import script_key

EXAMPLE = [
    {"Say": {"text": "Thank you for calling. Please hold.", "language": "en-US"}},
    {"Pause": {"length": 500}},
    {"Enqueue": {"actionUrl": "https://…", "queueId": "QU…", "waitUrl": "https://…"}},
]
_HELP = format_html(
    "A JSON array of PerCL commands, run one after the other. It is checked before it is saved. "
    "For instance:<pre>{}</pre>",
    "[\n" + ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in EXAMPLE) + "\n]",
)


class ScriptField(forms.JSONField):
    """What cannot be read is told, and shown as it was typed."""

    def to_python(self, value):
        try:
            return percl.read(value) if value else None
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise forms.ValidationError(f"This is no JSON: {error.msg}, {place}.") from None
        except ValueError as error:
            raise forms.ValidationError(f"This is no JSON that can be read: {error}.") from None

    def prepare_value(self, value):
        if value is None or isinstance(value, InvalidJSONInput):
            return value or ""
        return json.dumps(value, indent=2, ensure_ascii=False)

    def bound_data(self, data, initial):
        return InvalidJSONInput(data or "")


class EndpointField(forms.ModelChoiceField):
    def label_from_instance(self, endpoint):
        name = endpoint.account.name
        return name if endpoint.label in ("", name) else f"{endpoint.label} · {name}"


class CallScriptForm(forms.ModelForm):
    percl = ScriptField(
        label="PerCL",
        help_text=_HELP,
        widget=forms.Textarea(
            attrs={"class": "percl", "rows": 14, "spellcheck": "false", "autocapitalize": "off"}
        ),
        error_messages={"required": "Without a command the call would end: say at least one."},
    )

    class Meta:
        model = CallScript
        fields = ["endpoint", "request_type", "called_number", "percl"]
        widgets = {
            "request_type": AdminTextInputWidget(
                attrs={"list": "request-types", "spellcheck": "false", "autocomplete": "off"}
            )
        }

    def clean_percl(self):
        script = self.cleaned_data["percl"]
        if errors := percl.validate(script):
            raise forms.ValidationError([f"{text[:1].upper()}{text[1:]}." for text in errors])
        return script

    def clean(self):
        """The question that it answers, as it will be looked up."""
        given = super().clean()
        if not (given.get("endpoint") and given.get("request_type")):
            return given
        called = given.get("called_number") or ""
        try:
            key = script_key(given["request_type"], called, given["endpoint"].region)
            given["request_type"], given["called_number"] = key
        except ValueError as error:
            about = "called_number" if "number" in str(error) else "request_type"
            text = str(error)
            self.add_error(about, f"{text[:1].upper()}{text[1:]}.")
        return given


@admin.register(CallScript)
class CallScriptAdmin(SturdyAdmin):
    form = CallScriptForm
    list_filter = ["request_type"]
    list_select_related = ["endpoint__account"]
    search_fields = ["called_number__exact", "request_type__exact"]
    search_help_text = "A whole called number, or a request type."
    change_form_template = "admin/webhooks/callscript/change_form.html"
    sortable_by = ["request_type", "updated_at"]

    def get_list_display(self, request):
        return ["request_type", _called(request.viewer), "endpoint", _commands, "updated_at"]

    def get_fields(self, request, obj=None):
        if self._may_edit(request, obj):
            return ["endpoint", "request_type", "called_number", "percl", "updated_at"]
        viewer = request.viewer
        return ["endpoint", "request_type", _called(viewer), _script(viewer), "updated_at"]

    def get_readonly_fields(self, request, obj=None):
        return ["updated_at"] if self._may_edit(request, obj) else self.get_fields(request, obj)

    def _may_edit(self, request, obj):
        allowed = self.has_change_permission if obj else self.has_add_permission
        return allowed(request)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.viewer.sees_numbers

    def has_change_permission(self, request, obj=None):
        """A script is made of numbers: who may not see them cannot edit it."""
        return super().has_change_permission(request, obj) and request.viewer.sees_numbers

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        admission.forget()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        admission.forget()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        admission.forget()

    def render_change_form(self, request, context, *args, **kwargs):
        context["request_types"] = sorted(words.SCRIPTED)
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "endpoint":  # only FreeClimb is answered with PerCL
            kwargs["queryset"] = Endpoint.objects.select_related("account").filter(
                account__provider=Provider.FREECLIMB
            )
            kwargs["form_class"] = EndpointField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "endpoint":  # endpoints have pages of their own, no pop-ups
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_view_related = field.widget.can_delete_related = False
        return field


def _called(viewer):
    @admin.display(description="Called number")
    def called(script):
        return viewer.number(script.called_number) or "all"

    return called


def _script(viewer):
    @admin.display(description="PerCL")
    def script(script):
        return preformatted(viewer.text(json.dumps(script.percl, indent=2, ensure_ascii=False)))

    return script


@admin.display(description="Commands")
def _commands(script):
    names = [next(iter(one), "") for one in script.percl if isinstance(one, dict)]
    return ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
