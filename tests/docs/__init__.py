"""What the documentation for users promises, executed."""
