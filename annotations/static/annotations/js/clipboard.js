import { announce } from "./announce.js";

/**
 * A click on `data-copy="words"` puts these words on the clipboard. Where the browser offers no clipboard the button
 * goes away; the words stand beside it and can be selected.
 * @param {Document} page
 */
export function attachClipboard(page) {
  page.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-copy]");
    if (!(button instanceof HTMLElement)) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
      announce("Copied");
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
    } catch {
      button.hidden = true;
      announce("This browser does not let us copy. Select the words instead.");
    }
  });
}
