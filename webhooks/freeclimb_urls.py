"""`/apiserver/`: what of it needs the inbox."""

from django.urls import re_path

from calls.freeclimb_api.urls import CALL, END

from .freeclimb_logs import CallLogsView

urlpatterns = [re_path(rf"{CALL}/Logs{END}", CallLogsView.as_view())]
