"""Ferrocrete's local AWS emulator: moto behind a wrapper that makes it honest.

Reading order: ``__main__`` (start) -> ``server`` (HTTP and the path of one
request) -> ``hooks`` (how calls are changed) -> ``services`` (what is changed).
"""
