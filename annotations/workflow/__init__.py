"""The only writers.

What a person does is one public function that takes the person as `by`. It locks first, checks
permission and state, writes, records the activity and wakes background work on commit, all in one
durable transaction. Where a file has to be read or much is done, it does so without a lock and writes
in private durable steps of its own. When it raises a Refused, it has changed nothing, but that
`give_verdict` may keep what was typed as a draft.

No such function is part of another. What they share runs in the transaction of its caller: it stands in
a module private to this package, or its docstring says “in the running transaction”, or it only checks.
What nobody asks for (a fetch, a sweep, a proof) has no `by` and its own module's rules.
`tests/conventions/test_workflow.py` holds these rules.
"""
