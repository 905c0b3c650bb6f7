"""What is read from a page: the same columns wherever a reading of it is kept or copied."""

from django.db import models


class PageFacts(models.Model):
    """What a page says of itself. `language` is a BCP 47 tag, `published_on` the day it names."""

    title = models.TextField(blank=True)
    site = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=500, blank=True)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=12, blank=True)
    excerpt = models.TextField(blank=True)

    class Meta:
        abstract = True


PAGE_FACTS = tuple(field.name for field in PageFacts._meta.local_fields)


class KeptReading(PageFacts):
    """A whole reading: the text, what the page says of itself, and which `reader` says so.

    `provenance` tells per fact where in the page it stood and how sure it is; `text_sha256` is that of
    `text` in UTF-8, empty without a text.
    """

    reader = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    provenance = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)

    class Meta:
        abstract = True
