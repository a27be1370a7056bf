"""Who writes comments, as far as a newsroom knows them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from newsroom.lib.emails import masked


class Commenter(models.Model):
    """A reader whose email address or account is known. Most comments have none.

    A name and an address that were only typed earn nothing: all trust hangs on `verified_at`.
    """

    email = models.EmailField(_("email"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="commenter",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    # Asked for when a comment is written, and ended by one click in any mail.
    wants_outcome = models.BooleanField(_("is told what became of a comment"), default=False)
    wants_replies = models.BooleanField(_("is told of replies"), default=False)
    # Every link in a mail names it: counted up, all links sent before are dead.
    token_version = models.PositiveIntegerField(default=1, editable=False)
    # Of an erased address (comments.digests), as long as a ban on it is in force: erasing does not end a ban.
    digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="commenter_email_once"),
        ]

    def __str__(self) -> str:
        """For lists, titles and logs: whoever reads them need not know the address."""
        return self.name or (masked(self.email) if self.email else f"#{self.pk}")
