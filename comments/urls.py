"""Comments' public addresses, to be included below the language's prefix."""

from django.urls import path, re_path

from comments import sending, views
from comments.readers import confirm_page, mine_page, report_page, status

app_name = "comments"

_ARTICLE = r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<slug>[-\w]+)/"

urlpatterns = [
    re_path(_ARTICLE + r"comments/$", views.write, name="write"),
    path("comments/shown/<int:article_id>/", sending.shown, name="shown"),
    path("comments/mine/", mine_page.ask, name="ask"),
    path("comments/mine/<str:token>/", mine_page.of_reader, name="mine"),
    path("comments/mine/<str:token>/export/", mine_page.export, name="export"),
    path("comments/erase/<str:token>/", mine_page.erase, name="erase"),
    path("comments/mails/<str:token>/", mine_page.mails, name="mails"),
    path("comments/confirm/<str:token>/", confirm_page.confirm, name="confirm"),
    path("comments/status/<str:token>/", status.status, name="status"),
    path("comments/<slug:public_id>/report/", report_page.report, name="report"),
    path("comments/<slug:public_id>/", views.permalink, name="permalink"),
]
