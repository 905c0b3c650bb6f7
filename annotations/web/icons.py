"""The icons of the pages: line drawings, 16 units square, in the colour of the text around them."""

ICONS: dict[str, str] = {
    "account": '<circle cx="8" cy="5.5" r="2.8"/><path d="M2.5 14c.6-3 2.7-4.5 5.5-4.5s4.9 1.5 5.5 4.5"/>',
    "alert": '<path d="M8 2 1.5 13.5h13z"/><path d="M8 6.5v3.2M8 11.6v.2"/>',
    "arrow": '<path d="M2.5 8h10.5M9 4l4 4-4 4"/>',
    "back": '<path d="M13.5 8H3M7 4 3 8l4 4"/>',
    "check": '<path d="m2.5 8.5 3.7 3.7 7.3-8"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.6 1.8"/>',
    "close": '<path d="m3.5 3.5 9 9m0-9-9 9"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1"/><path d="M10.5 3v-.5h-8v8H3"/>',
    "dashed": '<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.6 1.9"/>',
    "document": '<path d="M3.5 1.8h6l3 3v9.4h-9z"/><path d="M6 7h4.5M6 9.5h4.5M6 12h3"/>',
    "download": '<path d="M8 2v8.2M4.6 7 8 10.4 11.4 7M2.8 13.6h10.4"/>',
    "down": '<path d="m4 6 4 4 4-4"/>',
    "empty": '<path d="M2 9.5h3.5l1 2h3l1-2H14"/><path d="M2 9.5 4 3h8l2 6.5v4H2z"/>',
    "flag": '<path d="M3.5 14.5v-13h8.5L10 5l2 3.5H3.5"/>',
    "full": '<circle cx="8" cy="8" r="6.2" fill="currentColor"/>'
    '<path d="m5 8.3 2.1 2.1L11 6" stroke="var(--tone-soft, Canvas)"/>',
    "half": '<circle cx="8" cy="8" r="5.8"/><path d="M8 2.2a5.8 5.8 0 0 1 0 11.6z" fill="currentColor"/>',
    "help": '<circle cx="8" cy="8" r="6.2"/>'
    '<path d="M6 6.3c.2-1.1 1-1.7 2-1.7s2 .7 2 1.7c0 1.4-2 1.5-2 3M8 11.4v.2"/>',
    "info": '<circle cx="8" cy="8" r="6.2"/><path d="M8 7.2v4M8 4.7v.2"/>',
    "keyboard": '<rect x="1.2" y="4" width="13.6" height="8" rx="1.2"/>'
    '<path d="M4 6.7h.2M7 6.7h.2M10 6.7h.2M12 6.7h.2M5 9.6h6"/>',
    "link": '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7l-.8.8"/>'
    '<path d="M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l.8-.8"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1.2"/><path d="M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"/>',
    "none": '<circle cx="8" cy="8" r="5.8"/><path d="m4 12 8-8"/>',
    "open": '<circle cx="8" cy="8" r="5.6"/>',
    "park": '<path d="M5.5 3v10M10.5 3v10"/>',
    "plus": '<path d="M8 2.5v11M2.5 8h11"/>',
    "returned": '<path d="M6 2.5 2.5 6 6 9.5"/><path d="M2.5 6h7a4 4 0 0 1 0 8H7"/>',
    "search": '<circle cx="7" cy="7" r="4.6"/><path d="m10.5 10.5 4 4"/>',
    "up": '<path d="m4 10 4-4 4 4"/>',
    "wrong": '<circle cx="8" cy="8" r="6.2"/><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8"/>',
}
