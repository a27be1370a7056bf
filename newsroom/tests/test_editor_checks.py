"""The guards around the editor: the check is silent as things stand, and speaks when any of them is down."""

from copy import deepcopy

import pytest
from csp.constants import SELF, UNSAFE_INLINE
from django.conf import settings
from django.core import checks

from articles import editor
from newsroom.checks import check_editor

CONFIG = editor.config


def ids():
    return [message.id for message in check_editor(None)]


def with_config(monkeypatch, **changes):
    monkeypatch.setattr(editor, "config", lambda: CONFIG() | changes)


def test_every_guard_is_up_and_the_check_is_registered():
    assert ids() == []
    assert check_editor in checks.registry.registry.get_checks()
    assert "ckeditor.W001" in settings.SILENCED_SYSTEM_CHECKS


@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({"fullPage": True}, "newsroom.E001"),
        ({"allowedContent": True}, "newsroom.E001"),
        ({"allowedContent": {"p": {}, "script": {}}}, "newsroom.E001"),
        ({"allowedContent": {"*": {"attributes": "title"}}}, "newsroom.E001"),
        ({"allowedContent": {"p": {"attributes": "onclick"}}}, "newsroom.E001"),
        ({"allowedContent": {"p": {"attributes": "style,lang"}}}, "newsroom.E001"),
        ({"plugins": "widget,preview"}, "newsroom.E003"),
        ({"extraPlugins": "iframe"}, "newsroom.E003"),
        ({"versionCheck": True}, "newsroom.E006"),
        ({"versionCheck": None}, "newsroom.E006"),
    ],
)
def test_a_looser_configuration_is_an_error(monkeypatch, changes, guard):
    with_config(monkeypatch, **changes)
    assert ids() == [guard]


def test_configuration_from_the_settings_is_an_error(settings):
    settings.CKEDITOR_CONFIGS = {"default": {"fullPage": True}}
    assert ids() == ["newsroom.E002"]


def test_serving_all_of_ckeditor_is_an_error(settings):
    from django.contrib.staticfiles import finders

    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
    finders.get_finder.cache_clear()
    try:
        assert ids() == ["newsroom.E004"]
    finally:
        finders.get_finder.cache_clear()


def test_collected_leftovers_are_an_error(settings, tmp_path):
    (tmp_path / "ckeditor/ckeditor/plugins/preview").mkdir(parents=True)
    settings.STATIC_ROOT = tmp_path
    assert ids() == ["newsroom.E004"]


def test_the_uploader_is_an_error(monkeypatch):
    from django.apps import apps

    installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name == "ckeditor_uploader" or installed(name))
    assert ids() == ["newsroom.E005"]


@pytest.mark.parametrize("source", [UNSAFE_INLINE, "*", "data:", "https:"])
def test_a_policy_that_lets_scripts_in_is_an_error(settings, source):
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["script-src"] = [SELF, source]
    settings.CONTENT_SECURITY_POLICY = policy
    assert ids() == ["newsroom.E007"]


def test_no_policy_is_an_error(settings):
    settings.CONTENT_SECURITY_POLICY = None
    assert ids() == ["newsroom.E007"]


def test_a_wider_exception_for_the_editor_is_an_error(monkeypatch):
    monkeypatch.setattr(editor, "EDITOR_POLICY", {"style-src": [UNSAFE_INLINE], "script-src": [UNSAFE_INLINE]})
    assert ids() == ["newsroom.E007"]


def test_a_form_without_the_editor_is_an_error(monkeypatch):
    from django import forms

    monkeypatch.setattr(editor.BodyField, "formfield", lambda self, **kwargs: forms.CharField())
    assert ids() == ["newsroom.E008"]
