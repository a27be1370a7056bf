"""Addresses of the newsletter, below the language's prefix."""

from django.urls import path

from subscribers import preference_views, views
from subscribers.issues import archive

urlpatterns = [
    path("newsletter/", views.newsletter, name="newsletter"),
    path("newsletter/almost-there/", views.almost_there, name="newsletter-almost-there"),
    path("newsletter/confirmed/", views.confirmed, name="newsletter-confirmed"),
    path("newsletter/confirm/<str:token>/", views.confirm, name="newsletter-confirm"),
    path("newsletter/unsubscribe/<str:token>/", views.unsubscribe, name="newsletter-unsubscribe"),
    path("newsletter/preferences/", preference_views.find, name="newsletter-find"),
    path("newsletter/preferences/sent/", preference_views.link_sent, name="newsletter-link-sent"),
    path("newsletter/preferences/<str:token>/", preference_views.preferences, name="newsletter-preferences"),
    # Whatever else stands after newsletter/ is a newsletter's slug (subscribers.names.RESERVED keeps them apart).
    path("newsletter/<slug:slug>/", archive.issues, name="newsletter-archive"),
    path("newsletter/<slug:slug>/feed/", archive.feed, name="newsletter-feed"),
    path("newsletter/<slug:slug>/<slug:key>/", archive.issue, name="newsletter-issue"),
]
