"""What is changed of which service; loaded by `hooks.load` on first use."""
