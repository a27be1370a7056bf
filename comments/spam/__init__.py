"""What speaks against a comment, without asking anybody else: its words, its repetition, and how it was sent."""
