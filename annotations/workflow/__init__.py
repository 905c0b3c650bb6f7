"""The only writers. One public function is one thing people do, in one durable transaction.

Each locks first, checks permission and state, writes, records the activity and wakes background
work on commit. When one raises a Refused, it has changed nothing.
"""
