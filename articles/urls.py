"""The addresses of the public pages that exist in every language."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from articles import feeds, views
from articles.search.views import search


class UnicodeSlug(StringConverter):
    """A slug in any script."""

    regex = r"[-\w]+"


class Digits4(StringConverter):
    regex = r"[0-9]{4}"


class Digits2(StringConverter):
    regex = r"[0-9]{2}"


register_converter(UnicodeSlug, "uslug")
register_converter(Digits4, "year")
register_converter(Digits2, "two")

app_name = "articles"

urlpatterns = [
    path("", views.front, name="front"),
    path("<year:year>/<two:month>/<two:day>/<uslug:slug>/", views.article, name="article"),
    path("<year:year>/<two:month>/<two:day>/<uslug:slug>/history/", views.history, name="history"),
    path("latest/", views.latest, name="latest"),
    path("latest/feed/", feeds.site, name="latest-feed"),
    path("section/<uslug:slug>/", views.section, name="section"),
    path("section/<uslug:slug>/feed/", feeds.section, name="section-feed"),
    path("author/<uslug:slug>/", views.author, name="author"),
    path("author/<uslug:slug>/feed/", feeds.author, name="author-feed"),
    path("topic/<uslug:slug>/", views.topic, name="topic"),
    path("topic/<uslug:slug>/feed/", feeds.topic, name="topic-feed"),
    path("search/", search, name="search"),
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/feed/", feeds.corrections, name="corrections-feed"),
    path("feed/", feeds.site, name="feed"),
    path("feed/rss/", feeds.site, {"kind": "rss"}, name="feed-rss"),
    path("feed.json", feeds.site, {"kind": "json"}, name="feed-json"),
]
