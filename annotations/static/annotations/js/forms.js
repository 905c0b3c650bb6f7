/**
 * What makes forms easier to use. `data-autosubmit` sends the form when the choice changes. `data-select-on-focus`
 * selects a text that is meant to be copied. A second click does not send a form twice. A page with a refused form
 * puts the focus on the first field that is wrong, and a form that htmx brings back puts it on the field that its
 * `data-focus` names.
 * @param {Document} page
 */
export function attachForms(page) {
  // Moved through by keyboard, a choice changes with every arrow: it is sent with Enter, or when the field is left.
  /** @type {HTMLElement | null} */
  let moved = null;
  let isUnsent = false;
  page.addEventListener("keydown", (event) => {
    const field = /** @type {HTMLSelectElement} */ (event.target);
    if (!field.matches?.("[data-autosubmit]")) return;
    if (event.key === "Enter" && isUnsent) {
      isUnsent = false;
      field.form?.requestSubmit();
    } else if (event.key !== "Tab") moved = field;
  });
  page.addEventListener("pointerdown", () => (moved = null), true);
  page.addEventListener("change", (event) => {
    const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
    if (!field.matches("[data-autosubmit]")) return;
    if (moved === field) isUnsent = true;
    else field.form?.requestSubmit();
  });
  page.addEventListener("focusout", (event) => {
    const field = /** @type {HTMLSelectElement} */ (event.target);
    if (field !== moved) return;
    moved = null;
    if (isUnsent) field.form?.requestSubmit();
    isUnsent = false;
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
  page.addEventListener("htmx:load", (event) => {
    const form = /** @type {CustomEvent} */ (event).detail.elt;
    if (!(form instanceof HTMLFormElement) || !form.dataset.focus) return;
    const invalid = form.querySelector('[aria-invalid="true"]');
    const field = invalid ?? form.elements.namedItem(form.dataset.focus);
    if (field instanceof HTMLElement) field.focus();
  });
  // A page that the browser brings back from memory can be sent again, and so can a refused htmx request.
  const again = () => {
    for (const form of page.querySelectorAll("form[data-sending]")) form.removeAttribute("data-sending");
  };
  window.addEventListener("pageshow", again);
  page.addEventListener("htmx:afterRequest", again);
}
