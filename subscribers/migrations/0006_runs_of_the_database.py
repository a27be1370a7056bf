from django.db import migrations, models


def unlog(apps, schema_editor):
    """PostgreSQL empties an unlogged table when it comes up after a crash, which is what this one is for."""
    if schema_editor.connection.vendor == "postgresql":
        table = schema_editor.quote_name(apps.get_model("subscribers", "DatabaseRun")._meta.db_table)
        schema_editor.execute(f"ALTER TABLE {table} SET UNLOGGED")


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0005_tries_of_imports_and_email_addresses'),
    ]

    operations = [
        migrations.CreateModel(
            name='DatabaseRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32)),
            ],
        ),
        migrations.RunPython(unlog, migrations.RunPython.noop),
        migrations.AddField(
            model_name='batch',
            name='run',
            field=models.CharField(default='', max_length=32),
        ),
    ]
