"""What callers and dispatchers say to each other: requests, events, failures, subjects.

No module in here knows a clock, a socket or a task.
"""
