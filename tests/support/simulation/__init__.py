"""A practice's day, simulated: the real library between clients, staff, an unreliable carrier and crashes.

One seed is one day. Everything that happens follows from the seed, so a failure can be played again, and shrunk.

    python -m simulation 4711            one day
    python -m simulation 1 --days 500    days 1 to 500

(with ``tests/support`` on the path).
"""
