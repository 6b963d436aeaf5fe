"""What the list shows, as a file to take away. Each export is written into the audit log."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from calls import exports
from calls.desk.calls_list import LIST, Filtered
from calls.masking import without_numbers
from calls.viewer import viewer_of
from calltrack import audit
from calltrack.models import AuditEntry

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMAT = "format"
TOO_MANY = (
    f"More than {exports.XLSX_ROWS:,} calls match, and an Excel file of ours holds no more. Narrow "
    "the filter, or take CSV, which may have any size."
)


def urls(site):
    return [path("export/", site.admin_view(export), name="calls_call_export")]


@require_GET
def export(request):
    """The address is the list's, with the format. Where the list shows a word instead of calls,
    this leads back to it."""
    if not request.user.has_perms(["calls.view_call", "calls.export_call"]):
        raise PermissionDenied
    filtered = Filtered(request.GET, viewer_of(request))
    back = f"{reverse(LIST)}?{filtered.query(without=[FORMAT])}"
    if filtered.problem or filtered.needs_period:
        return redirect(back)
    if request.GET.get(FORMAT) != "xlsx":
        return _csv(request, filtered)
    if _more_than(filtered.queryset, exports.XLSX_ROWS):
        messages.warning(request, TOO_MANY)
        return redirect(back)
    return _xlsx(request, filtered)


def _csv(request, filtered):
    """Written down before the first byte leaves, and again when it ended: a taker who breaks off
    has got what was sent until then."""
    begun = _record(request, filtered, "csv")

    def ended(rows, whole):
        _record(request, filtered, "csv", of=begun.pk, rows=rows, complete=whole)

    body = exports.csv_stream(filtered.queryset, filtered.viewer, ended)
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name("csv")}"'
    response["X-Accel-Buffering"] = "no"  # a proxy that gathers it first would hold up the start
    return response


def _xlsx(request, filtered):
    file, rows = exports.xlsx_file(filtered.queryset, filtered.viewer)
    _record(request, filtered, "xlsx", rows=rows, complete=True)
    return FileResponse(file, as_attachment=True, filename=_name("xlsx"), content_type=XLSX)


def _record(request, filtered, kind, *, of="", **told):
    words = [without_numbers(words) for words in filtered.words]
    return audit.record(
        request,
        AuditEntry.Action.EXPORT,
        object_type="export",
        object_id=of,
        format=kind,
        filter=words,
        **told,
    )


def _more_than(calls, rows):
    return calls.values("pk")[rows : rows + 1].exists()


def _name(kind):
    return f"calls-{localdate():%Y-%m-%d}.{kind}"
