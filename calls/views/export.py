"""All calls that a filter finds, as one stream."""

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.timezone import localdate
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import BasePagination
from rest_framework.renderers import JSONRenderer

from calls import filtersets, serializers, streams
from calls.lean import LeanCalls
from calls.masking import without_numbers
from calls.models import ApiKey, Call
from calls.numbers import masked
from calls.permissions import HasScope, allows, who
from calls.places import Places
from calltrack import audit
from calltrack.models import AuditEntry

from .base import ReadViewSet

CONTENT_TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_SAFE = {"true": True, "false": False}
_LONGEST_WORDS = 200  # characters of one filter in the audit log

# Whoever takes an export slowly holds a thread: the others are for those who ask for more.
_places = Places()
_EACH = 2  # of an integration, or a person


class TooManyExports(APIException):
    status_code = 503
    default_detail = "As many exports as we can send at once are under way. Try again soon."
    default_code = "too_many_exports"
    wait = 30


class TooManyOfYours(APIException):
    status_code = 429
    default_detail = "As many exports as you may have at once are under way: take those first."
    default_code = "too_many_of_yours"
    wait = 30


class MayExport(HasScope):
    """People need the permission to see calls besides."""

    def has_permission(self, request, view):
        may = super().has_permission(request, view)
        return may and (isinstance(request.auth, ApiKey) or allows(request, "calls:read"))


class OneStream(BasePagination):
    """No pages; the parameters that an export has beside the filters."""

    parameters = ("format", "safe")

    def faults(self, request, view, filterset) -> dict[str, list[str]]:
        faults, asked = {}, request.query_params
        if asked.get("format", "ndjson") not in CONTENT_TYPES:
            faults["format"] = [f"One of {', '.join(CONTENT_TYPES)}."]
        if asked.get("safe", "true") not in _SAFE:
            faults["safe"] = ["Enter true or false."]
        return faults

    def get_schema_operation_parameters(self, view):
        return []


class AnyAccepted(DefaultContentNegotiation):
    """Here `format` is that of the stream, not of DRF's renderers: those show problems alone."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


_FORMAT = OpenApiParameter(
    "format",
    {"type": "string", "enum": list(CONTENT_TYPES), "default": "ndjson"},
    description="`ndjson`: one object a line, as in the list. `csv`: the fields' names as a "
    "header, null as nothing, lists joined by commas, an account as `account.id`, `account.name` …",
)
_SAFE_PARAMETER = OpenApiParameter(
    "safe",
    {"type": "boolean", "default": True},
    description="Of CSV only. A value that a spreadsheet would run, and a telephone number is such "
    "a one, begins with an apostrophe: `'+13125550142`. `false` leaves values as they are, for "
    "programs that load them; do not open such a file in a spreadsheet.",
)
_NDJSON = OpenApiExample(
    "A line",
    summary="?fields=status,customer_number,begun_at",
    value='{"status":"completed","customer_number":"+13125550142","begun_at":"2026-03-14T12:00:00Z"}\n',
    media_type="application/x-ndjson",
)
_CSV = OpenApiExample(
    "A table",
    summary="?format=csv&fields=status,customer_number,begun_at",
    value="status,customer_number,begun_at\ncompleted,'+13125550142,2026-03-14T12:00:00Z\n",
    media_type="text/csv",
)


class CallExportViewSet(ReadViewSet):
    queryset = Call.objects.all()
    serializer_class = serializers.CallSerializer
    filterset_class = filtersets.CallFilterSet
    pagination_class = OneStream
    permission_classes = [MayExport]
    content_negotiation_class = AnyAccepted
    renderer_classes = [JSONRenderer]
    newest_by = "begun_at"
    scope = "export"
    throttle_bucket = "export"

    @extend_schema(
        operation_id="calls_export",
        summary="All calls of a filter, as a stream",
        tags=["calls"],
        parameters=[_FORMAT, _SAFE_PARAMETER],
        responses={
            (200, kind): OpenApiResponse(OpenApiTypes.STR, examples=[example])
            for kind, example in (("application/x-ndjson", _NDJSON), ("text/csv", _CSV))
        },
    )
    def list(self, request, *args, **kwargs):
        """Newest first, with the filters of the list of calls; however many there are. Calls that
        come in meanwhile may be missing; none comes twice.

        A stream that is whole ends with a line break. One that does not was cut, by the network or
        by a fault of ours, and is to be asked for again."""
        calls = self.filter_queryset(self.get_queryset())
        kind = request.query_params.get("format", "ndjson")
        lean = LeanCalls(self.get_serializer_context(), self.shape.wanted)
        pieces = self._pieces(kind, lean, lean.batches(calls, self.walk))
        holder = _take_place(request)
        try:
            begun = self._record(kind)
        except BaseException:
            _places.leave(holder)
            raise

        def ended(rows, whole):
            _places.leave(holder)
            self._record(kind, of=begun.pk, rows=rows, complete=whole)

        response = StreamingHttpResponse(
            streams.Stream(pieces, ended), content_type=CONTENT_TYPES[kind]
        )
        name = f"calls-{localdate():%Y-%m-%d}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Accel-Buffering"] = "no"  # a proxy that gathers it first would hold it up
        return response

    def _pieces(self, kind: str, lean: LeanCalls, batches):
        if kind == "ndjson":
            return streams.ndjson(batches)
        header, columns = _flat(lean.fields)
        safe = _SAFE[self.request.query_params.get("safe", "true")]
        return streams.csv_text(batches, header, columns, safe=safe)

    def _record(self, kind: str, *, of="", **told):
        return audit.record(
            self.request,
            AuditEntry.Action.EXPORT,
            object_type="export",
            object_id=of,
            format=kind,
            filter=[
                f"{name}: {_hidden(name, value)[:_LONGEST_WORDS]}"
                for name, values in self.request.query_params.lists()
                for value in values
                if name != "format"
            ],
            **told,
        )


def _take_place(request) -> str:
    """Under whose name. Raises TooManyExports, TooManyOfYours."""
    holder, most = who(request), max(settings.SERVER_THREADS // 8, 1)
    if _places.take(holder, most=most, each=_EACH):
        return holder
    raise TooManyOfYours if _places.held_by(holder) >= _EACH else TooManyExports


def _hidden(name: str, value: str) -> str:
    """A filter's value without a telephone number, nor the end of one."""
    return masked(value) if "number" in name or name == "agent" else without_numbers(value)


_ACCOUNT = list(serializers.AccountReferenceSerializer().fields)


def _flat(fields):
    """The header, and what makes a line's values of an object."""
    names = [
        (name, part) for name in fields for part in (_ACCOUNT if name == "account" else [None])
    ]

    def columns(row: dict) -> list:
        return [row[name] if part is None else row[name][part] for name, part in names]

    return [name if part is None else f"{name}.{part}" for name, part in names], columns
