"""Every filter with a name. What is public is said here, once: `EditionQuerySet.live()`."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, Min, OuterRef, Q, Value, When

from articles.states import Public
from newsroom.lib import clock


class EditionQuerySet(models.QuerySet[Any]):
    def live(self) -> "EditionQuerySet":
        """What readers see now."""
        return self.live_at(clock.now())

    def live_at(self, moment: datetime) -> "EditionQuerySet":
        """What readers saw at `moment`, or will see as things stand.

        Cancelled and held editions have no span (a constraint holds that). An open withdrawal
        hides every moment, past ones too; a lifted one hid the time between its two ends.
        """
        return self.spanning(moment).exclude(self._hidden(moment))

    def spanning(self, moment: datetime) -> "EditionQuerySet":
        """Editions whose span holds `moment`, withdrawn or not."""
        return self.filter(Q(live_until=None) | Q(live_until__gt=moment), live_from__lte=moment)

    def seen_before(self, moment: datetime) -> "EditionQuerySet":
        """Editions that were live at some time before `moment` and are not hidden by an open withdrawal."""
        return self.filter(live_from__lte=moment).exclude(self._hidden(moment))

    def ever_seen(self, moment: datetime) -> "EditionQuerySet":
        """Editions that readers saw at some time until `moment`, of articles that are not withdrawn now.

        One that stood behind a withdrawal, lifted since, for all its time was seen by nobody.
        """
        withdrawals = apps.get_model("articles", "Withdrawal").objects.filter(article=OuterRef("article"))
        behind = Q(lifted_at=None) | Q(at__lte=OuterRef("live_from"), lifted_at__gte=OuterRef("live_until"))
        return self.filter(live_from__lte=moment).exclude(Exists(withdrawals.filter(behind)))

    def upcoming(self, moment: datetime) -> "EditionQuerySet":
        """Editions laid ahead of `moment`, soonest first."""
        return self.filter(live_from__gt=moment).order_by("live_from")

    def active(self) -> "EditionQuerySet":
        """Editions that are neither cancelled nor held: the intents from which spans are laid."""
        return self.filter(cancelled_at=None, held_at=None)

    def open_to_lay(self, moment: datetime) -> "EditionQuerySet":
        """Active editions, and those that wait behind a clash: it may be gone at `moment`."""
        return self.filter(Q(held_at=None) | Q(held_for__isnull=False, starts_at__gte=moment), cancelled_at=None)

    def waiting(self, moment: datetime) -> "EditionQuerySet":
        """Editions that readers have not met at `moment` and may meet yet: ahead of it, or held."""
        ahead = Q(live_from__gt=moment) | Q(live_from=None, starts_at__gt=moment)
        return self.filter(ahead | Q(held_at__isnull=False), cancelled_at=None)

    def next_change(self, moment: datetime) -> datetime | None:
        """The next time after `moment` at which an edition begins or ends, if any does."""
        begins = self.filter(live_from__gt=moment).aggregate(at=Min("live_from"))["at"]
        ends = self.filter(live_until__gt=moment).aggregate(at=Min("live_until"))["at"]
        return min(filter(None, (begins, ends)), default=None)

    def newest(self) -> "EditionQuerySet":
        """As lists show them: the latest publication first, stable where two share a moment."""
        return self.order_by("-published_at", "-pk")

    @staticmethod
    def _hidden(moment: datetime) -> Exists:
        withdrawals = apps.get_model("articles", "Withdrawal").objects.filter(article=OuterRef("article"))
        return Exists(withdrawals.filter(Q(lifted_at=None) | Q(at__lte=moment, lifted_at__gt=moment)))


class LiveNamesQuerySet(models.QuerySet[Any]):
    """Sections, authors and topics. The model says in `live_lookup` how an edition names it."""

    def live(self) -> "LiveNamesQuerySet":
        """Those that a live edition names: the only ones readers may learn of."""
        editions = apps.get_model("articles", "Edition").objects.live()
        return self.filter(Exists(editions.filter(**{self.model.live_lookup: OuterRef("pk")})))


class SectionQuerySet(LiveNamesQuerySet):
    def open_to(self, user: Any) -> "SectionQuerySet":
        """Sections whose desk holds `user`, and those that have no desk."""
        desks = self.model.editors.through.objects.filter(section=OuterRef("pk"))
        return self.filter(~Exists(desks) | Exists(desks.filter(user=user)))


class ImageQuerySet(models.QuerySet[Any]):
    def usable(self, moment: datetime) -> "ImageQuerySet":
        """Pictures that nothing forbids to publish at `moment`."""
        in_time = Q(rights_until=None) | Q(rights_until__gt=moment)
        return self.filter(in_time, rights_denied="", killed_at=None)

    def barred(self, moment: datetime) -> "ImageQuerySet":
        """All others."""
        ended = Q(rights_until__lte=moment)
        return self.filter(ended | ~Q(rights_denied="") | Q(killed_at__isnull=False))

    def next_end_of_rights(self, moment: datetime) -> datetime | None:
        """The next time after `moment` at which a picture may be used no longer."""
        return self.filter(rights_until__gt=moment).aggregate(at=Min("rights_until"))["at"]


class ArticleQuerySet(models.QuerySet[Any]):
    def locked(self) -> "ArticleQuerySet":
        """Locked until the end of the transaction, so that writers of an article queue up.

        Whoever only names it, as a comment or a note does, waits for nobody: with the stronger lock PostgreSQL
        lets them wait, and now and then ends such a wait as a deadlock.
        """
        return self.select_for_update(no_key=True)

    def with_public_state(self, moment: datetime) -> "ArticleQuerySet":
        """Annotate `public` with one of `Public`, as readers meet the article at `moment`."""
        editions = apps.get_model("articles", "Edition").objects.filter(article=OuterRef("pk"))
        withdrawals = apps.get_model("articles", "Withdrawal").objects.filter(article=OuterRef("pk"), lifted_at=None)
        live = Exists(editions.spanning(moment))
        coming = Exists(editions.upcoming(moment))
        return self.annotate(
            public=Case(
                When(Exists(withdrawals), then=Value(Public.WITHDRAWN)),
                When(live & coming, then=Value(Public.LIVE_UPDATE)),
                When(live, then=Value(Public.LIVE)),
                When(coming, then=Value(Public.SCHEDULED)),
                When(Exists(editions.filter(live_from__lte=moment)), then=Value(Public.EXPIRED)),
                default=Value(Public.UNPUBLISHED),
                output_field=models.CharField(),
            )
        )

    def readable_by(self, user: Any) -> "ArticleQuerySet":
        """The articles whose drafts `user` may read: own, assigned, and those of sections open to them.

        A section without a desk is everyone's; one with a desk is its members' and theirs
        who may publish anything.
        """
        if user.is_superuser or user.has_perm("articles.publish_anything"):
            return self
        sections = apps.get_model("articles", "Section").objects.open_to(user)
        return self.filter(Q(owner=user) | Q(assignee=user) | Q(section=None) | Q(section__in=sections))

    def newest_change_first(self) -> "ArticleQuerySet":
        return self.order_by(F("revision__at").desc(nulls_last=True), "-pk")
