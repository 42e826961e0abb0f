"""How often Python looks for reference cycles, in processes that live long and make few."""

import gc


def collect_rarely() -> None:
    """Call it once everything is built that stays.

    What is there now is never looked through again; and the many short-lived objects of messages and jobs, which are no
    cycles, trigger a look seldom: at the stock pace it took a third of the time of a busy hub.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
