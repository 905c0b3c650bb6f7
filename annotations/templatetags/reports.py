"""What the report pages need to show frozen rows."""

from django import template
from django.utils.html import format_html

from annotations.domain.reports.claimreview import host_of
from annotations.domain.reports.contents import day_in_words

register = template.Library()


@register.filter
def day(iso: str | None) -> str:
    """`30 April 2019` for an ISO date or moment; empty for nothing."""
    return day_in_words(iso)


@register.simple_tag
def outward(url: str, words: str) -> str:
    """A link to a page elsewhere; plain words where the address is none or not of the web."""
    shown = words or url
    if not host_of(url):
        return shown
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', url, shown)
