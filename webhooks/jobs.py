"""What background jobs there are: kind → handler. `calltrack/jobs.py` says what a handler goes by.

They are run by `manage.py work`.
"""

from datetime import timedelta

from calltrack.jobs import forget_old

from . import again, traffic

JOBS = {
    "count_traffic": traffic.count,
    "count_all_traffic": traffic.count_all,
    "forget_old_jobs": forget_old,
    again.KIND: again.run,
}

# Kind → how long after the end of one run the next one begins, one at a time over all workers.
RECURRING = {
    "count_traffic": timedelta(seconds=15),
    "forget_old_jobs": timedelta(hours=1),
}
