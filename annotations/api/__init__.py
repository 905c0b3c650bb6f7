"""The workbench for programs: the same functions as the pages, as JSON under /api/v1/.

A view reads its input, calls one function of `workflow` or `queries`, and turns the result into JSON.
"""
