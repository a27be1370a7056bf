"""Lists of subscribers, taken in from files and handed out."""
