"""What readers do beside writing: confirm an address, look after their own comments, report others, object."""
