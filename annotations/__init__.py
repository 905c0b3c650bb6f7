"""The application: checkable statements of articles, their sources, verdicts, reviews and reports."""
