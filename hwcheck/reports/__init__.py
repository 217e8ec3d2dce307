"""Reports: one file per format, all from the same view; the view is made in one place, which leaves out what it must."""

from hwcheck.reports.view import LEVELS, MarkView, View, redact

__all__ = ["LEVELS", "MarkView", "View", "redact"]
