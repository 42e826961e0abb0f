"""Chance that can be had again: `SEED=123 pytest ...` repeats what failed under that seed."""

import os
import random


def a_chance() -> random.Random:
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"SEED={seed}")  # shown when the test fails
    return random.Random(seed)
