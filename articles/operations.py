"""Migration operations that one database can carry out and the other lacks."""

from typing import Any

from django.db.migrations.operations.special import RunSQL


class _OneVendorSQL(RunSQL):
    """RunSQL on databases of `vendor`; nothing on any other."""

    vendor: str

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == self.vendor:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == self.vendor:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class PostgresSQL(_OneVendorSQL):
    vendor = "postgresql"


class SQLiteSQL(_OneVendorSQL):
    vendor = "sqlite"
