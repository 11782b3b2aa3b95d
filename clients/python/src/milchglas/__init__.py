"""Releases, prices and questions of a Milchglas statistics unit as pandas tables."""

from .question import Question
from .unit import Refused, Release, Unit, Unreachable

__all__ = ["Question", "Refused", "Release", "Unit", "Unreachable"]
