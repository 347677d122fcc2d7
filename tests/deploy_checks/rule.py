"""A rule: what it says, how it is checked, and a mistake that it must notice."""

from dataclasses import dataclass
from typing import Callable


@dataclass
class Rule:
    says: str
    check: Callable
    mistake: Callable
    # Rules about servers or the autoscaler hold where an overlay has those.
    applies: Callable = lambda overlay: True
