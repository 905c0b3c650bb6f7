"""The forms of the pages, one module a subject.

A form checks what kind of value each field holds. Whether the values may be used is for the workflow to say.
"""
