/**
 * j and k move through the `[data-item]` elements of a `[data-list]`. The focus goes to the item's own link
 * (`[data-open]`, else its first link or button), so Enter opens it and screen readers follow.
 */

/**
 * @param {Document} page
 * @returns {HTMLElement[]}
 */
function stops(page) {
  const found = [];
  for (const item of page.querySelectorAll("[data-list] [data-item]")) {
    const stop = item.querySelector("[data-open]") ?? item.querySelector("a[href], button") ?? item;
    if (stop instanceof HTMLElement && stop.offsetParent !== null) found.push(stop);
  }
  return found;
}

/**
 * @param {Document} page
 * @param {1 | -1} step
 */
function walk(page, step) {
  const all = stops(page);
  if (!all.length) return;
  const here = all.findIndex((stop) => stop.closest("[data-item]")?.contains(page.activeElement));
  const next = here === -1 ? (step === 1 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  all[next].closest("[data-item]")?.scrollIntoView({ block: "nearest" });
}

/** @param {Document} page */
export function attachListNavigation(page) {
  page.addEventListener("keys:move", (event) => walk(page, /** @type {CustomEvent} */ (event).detail));
  page.addEventListener("keys:tick", () => {
    const box = page.activeElement?.closest("[data-item]")?.querySelector('input[type="checkbox"]');
    if (box instanceof HTMLInputElement) box.click();
  });
}
