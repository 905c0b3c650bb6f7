"""The name of this program in what it sends, keeps and signs."""

NAME = "factcheck-workbench"
VERSION = "0.1.0"
USER_AGENT = "FactCheckWorkbench/0.1"
