/**
 * A `<details data-menu>` closes on Escape, and when focus or a click goes elsewhere. Without a script it is an
 * ordinary `<details>`.
 * @param {Document} page
 */
export function attachMenus(page) {
  /** @param {Node | null} except */
  const closeOthers = (except) => {
    for (const menu of page.querySelectorAll("details[data-menu][open]")) {
      if (!except || !menu.contains(except)) menu.removeAttribute("open");
    }
  };
  page.addEventListener("click", (event) => closeOthers(/** @type {Node} */ (event.target)));
  page.addEventListener("focusin", (event) => closeOthers(/** @type {Node} */ (event.target)));
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = page.activeElement?.closest("details[open]:is([data-menu], [data-confirm])");
    if (!open) return;
    open.removeAttribute("open");
    open.querySelector("summary")?.focus();
  });
}
