"""Comments' public addresses, to be included below the language's prefix."""

from django.urls import path, re_path

from comments import views

app_name = "comments"

_ARTICLE = r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<slug>[-\w]+)/"

urlpatterns = [
    re_path(_ARTICLE + r"comments/$", views.write, name="write"),
    re_path(_ARTICLE + r"comments/waiting/$", views.waiting, name="waiting"),
    path("comments/<slug:public_id>/", views.permalink, name="permalink"),
]
