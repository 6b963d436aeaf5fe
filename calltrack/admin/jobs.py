"""Work outside requests, to watch."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.timesince import timesince

from calltrack.models import Job

from .base import ReadOnlyAdmin, SturdyChangeList, pretty

BADGES = {
    Job.State.QUEUED: "badge",
    Job.State.RUNNING: "badge badge--live",
    Job.State.DONE: "badge badge--ok",
    Job.State.FAILED: "badge badge--bad",
}


class JobChangeList(SturdyChangeList):
    def get_results(self, request):
        super().get_results(request)
        for job in self.result_list:
            job.viewer = request.viewer


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """What somebody typed may be in the arguments, and what somebody else's software says in the
    message: both are shown as the viewer may see them."""

    list_display = [
        "kind_shown",
        "state_shown",
        "progress",
        "message_shown",
        "created_by_shown",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "kind_shown",
                    "state_shown",
                    "progress",
                    "message_shown",
                    "created_by_shown",
                ]
            },
        ),
        ("When", {"fields": ["created_at", "run_at", "started_at", "finished_at", "took"]}),
        (
            "How",
            {
                "fields": [
                    "id",
                    "arguments_shown",
                    "position_shown",
                    "done",
                    "total",
                    "attempts",
                    "worker",
                    "lease_until",
                ]
            },
        ),
    ]

    def get_changelist(self, request, **kwargs):
        return JobChangeList

    def get_object(self, request, object_id, from_field=None):
        job = super().get_object(request, object_id, from_field)
        if job is not None:
            job.viewer = request.viewer
        return job

    @admin.display(description="Job")
    def kind_shown(self, job):
        return job.kind.replace("_", " ").capitalize()

    @admin.display(description="State")
    def state_shown(self, job):
        return format_html('<span class="{}">{}</span>', BADGES[job.state], job.get_state_display())

    @admin.display(description="Progress")
    def progress(self, job):
        if job.total:
            share = min(100 * job.done // job.total, 100)
            return format_html(
                '<progress max="{}" value="{}" aria-label="Progress">{} %</progress>'
                ' <span class="nowrap muted small num">{} of {}</span>',
                job.total,
                min(job.done, job.total),
                share,
                f"{job.done:,}",
                f"{job.total:,}",
            )
        return f"{job.done:,}" if job.done else "–"

    @admin.display(description="Message")
    def message_shown(self, job):
        return job.viewer.text(job.message) or "–"

    @admin.display(description="Who")
    def created_by_shown(self, job):
        return job.created_by or "calltrack"

    @admin.display(description="Took")
    def took(self, job):
        if job.started_at is None or job.finished_at is None:
            return "–"
        seconds = (job.finished_at - job.started_at).total_seconds()
        if seconds < 60:
            return f"{seconds:.1f} s"
        return timesince(job.started_at, job.finished_at)

    @admin.display(description="Arguments")
    def arguments_shown(self, job):
        return _as_seen(job.arguments, job.viewer)

    @admin.display(description="Goes on from")
    def position_shown(self, job):
        return _as_seen(job.position, job.viewer)


def _as_seen(value, viewer):
    """JSON of ours, its texts and numbers as this viewer may see them."""
    if not value:
        return "–"
    return pretty(_masked(value, viewer))


def _masked(value, viewer):
    if isinstance(value, dict):
        return {name: _masked(item, viewer) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, viewer) for item in value]
    return viewer.text(value) if isinstance(value, str) else value
