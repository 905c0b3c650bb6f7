import { announce } from "./announce.js";

/**
 * `data-select-all="name"` ticks every checkbox of that name. `data-selection-count` shows how many are ticked, and
 * `data-needs-selection` parts stay hidden until one is. Without a script every part is shown and the server counts.
 * @param {Document} page
 */
export function attachCheckboxes(page) {
  /** @param {string} name @returns {HTMLInputElement[]} */
  const boxes = (name) => [...page.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(name)}"]`)];

  const refresh = () => {
    for (const master of page.querySelectorAll("[data-select-all]")) {
      if (!(master instanceof HTMLInputElement)) continue;
      const all = boxes(master.dataset.selectAll ?? "");
      const ticked = all.filter((box) => box.checked).length;
      master.checked = all.length > 0 && ticked === all.length;
      master.indeterminate = ticked > 0 && ticked < all.length;
      for (const shown of page.querySelectorAll("[data-selection-count]")) shown.textContent = String(ticked);
      const whole = page.querySelector("[data-select-matching]");
      const some = ticked > 0 || (whole instanceof HTMLInputElement && whole.checked);
      for (const part of page.querySelectorAll("[data-needs-selection]")) part.toggleAttribute("hidden", !some);
    }
  };

  page.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.type !== "checkbox") return;
    if (box.dataset.selectAll) {
      for (const each of boxes(box.dataset.selectAll)) each.checked = box.checked;
      announce(box.checked ? "All on this page selected" : "Nothing selected");
    }
    refresh();
  });
  page.addEventListener("htmx:afterSettle", refresh);
  refresh();
}
