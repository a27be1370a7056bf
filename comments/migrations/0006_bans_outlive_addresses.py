from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("comments", "0005_mails_to_authors"),
    ]

    operations = [
        migrations.AddField(
            model_name="commenter",
            name="digest",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64),
        ),
    ]
