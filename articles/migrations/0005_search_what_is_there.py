from django.db import migrations, transaction

from articles.search import index
from newsroom.lib.html import to_text


def index_what_is_there(apps, schema_editor):
    """Write the rows of editions made before there was a search.

    Each in a transaction of its own: killed and started again, it goes on where it stopped.
    """
    Edition, EditionBody, EditionImage = (
        apps.get_model("articles", name) for name in ("Edition", "EditionBody", "EditionImage")
    )
    keys = index.behind().order_by("pk").values_list("pk", flat=True)
    for key in list(keys):
        with transaction.atomic():
            edition = Edition.objects.get(pk=key)
            body = EditionBody.objects.filter(edition=edition).values_list("text", flat=True).first() or ""
            pictures = EditionImage.objects.filter(edition=edition).exclude(place="text").order_by("pk")
            captions = pictures.values_list("caption", flat=True)
            index.write(
                key,
                language=edition.language,
                head=(edition.kicker, edition.headline),
                text=(edition.standfirst, body, *(to_text(caption) for caption in captions)),
            )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("articles", "0004_search")]

    operations = [migrations.RunPython(index_what_is_there, migrations.RunPython.noop)]
