/**
 * Small comforts of forms: `data-autosubmit` sends the form when the choice changes, `data-select-on-focus` selects a
 * text that is there to be copied, a form cannot be sent twice by an impatient second click, and a page that comes back
 * with a refused form puts the person where something is wrong.
 * @param {Document} page
 */
export function attachForms(page) {
  page.addEventListener("change", (event) => {
    const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
    if (field.matches("[data-autosubmit]")) field.form?.requestSubmit();
  });
  page.addEventListener("focusin", (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.matches("[data-select-on-focus]")) field.select();
  });
  page.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "yes";
  });
  const wrong = page.querySelector('main [aria-invalid="true"]');
  if (wrong instanceof HTMLElement && !page.querySelector("main [autofocus]")) wrong.focus();
  // A page that comes back from the browser's memory, or a refused htmx request, may be sent again.
  const again = () => {
    for (const form of page.querySelectorAll("form[data-sending]")) form.removeAttribute("data-sending");
  };
  window.addEventListener("pageshow", again);
  page.addEventListener("htmx:afterRequest", again);
}
