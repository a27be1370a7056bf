"""What comes back of what was sent: as mails, and as reports of mail services."""
