"""What a page says about itself: the same columns wherever that is stored or copied."""

from django.db import models


class PageFacts(models.Model):
    """What a page says about itself. `language` is a BCP 47 tag, `published_on` the date it gives."""

    title = models.TextField(blank=True)
    site = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=500, blank=True)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=12, blank=True)
    excerpt = models.TextField(blank=True)

    class Meta:
        abstract = True


PAGE_FACTS = tuple(field.name for field in PageFacts._meta.local_fields)
