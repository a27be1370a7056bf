"""Comments' public addresses, to be included below the language's prefix."""

from django.urls import path, re_path

from comments import status, views

app_name = "comments"

_ARTICLE = r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<slug>[-\w]+)/"

urlpatterns = [
    re_path(_ARTICLE + r"comments/$", views.write, name="write"),
    path("comments/<slug:public_id>/", views.permalink, name="permalink"),
    path("comments/status/<str:token>/", status.status, name="status"),
]
