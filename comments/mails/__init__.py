"""What readers are mailed about comments, and the signed links in it."""
