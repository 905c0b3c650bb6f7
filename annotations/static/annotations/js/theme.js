/**
 * Switches between light and dark without a reload. The cookie is the one that the server reads and sets, so the next
 * page arrives in the right colours.
 * @param {Document} page
 */
export function attachTheme(page) {
  page.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-theme-choice]")) return;
    const button = /** @type {SubmitEvent} */ (event).submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${button.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    page.documentElement.dataset.theme = button.value;
    for (const each of page.querySelectorAll("[data-theme-choice] button")) {
      each.setAttribute("aria-pressed", String(each.getAttribute("value") === button.value));
    }
  });
}
