"""The demo's pictures: every scene is drawn by a function of no arguments."""
