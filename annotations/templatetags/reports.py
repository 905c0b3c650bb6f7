"""What the report pages need to show frozen rows."""

from django import template
from django.utils.html import format_html

from annotations.domain.reports.claimreview import host_of
from annotations.domain.reports.contents import day_in_words

register = template.Library()


@register.filter
def day(iso: str | None) -> str:
    """Return an ISO date or moment as `30 April 2019`; empty for None."""
    return day_in_words(iso)


@register.simple_tag
def outward(url: str, words: str) -> str:
    """Return a link to a page elsewhere, or plain words where `url` is no web address."""
    shown = words or url
    if not host_of(url):
        return shown
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', url, shown)
