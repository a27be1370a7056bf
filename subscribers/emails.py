"""Subscribers' addresses are compared as all addresses of this site are."""

from newsroom.lib.emails import LONGEST, Email, mailbox, mailbox_key, parse

__all__ = ["LONGEST", "Email", "mailbox", "mailbox_key", "parse"]
