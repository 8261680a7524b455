"""Fixtures of the tests of comments."""

from tests.other_processes import environment

__all__ = ["environment"]
