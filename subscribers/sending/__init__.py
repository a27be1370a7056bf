"""Sending issues: from their deliveries to the mail server, and what becomes of each."""
