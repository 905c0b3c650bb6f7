/**
 * `data-dialog-open="id"` opens that dialog; a click on the backdrop closes it.
 * @param {Document} page
 */
export function attachDialogs(page) {
  page.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const opener = target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = page.getElementById(opener.getAttribute("data-dialog-open") ?? "");
      if (dialog instanceof HTMLDialogElement && !dialog.open) {
        dialog.dispatchEvent(new CustomEvent("opening"));
        dialog.showModal();
      }
    } else if (target instanceof HTMLDialogElement) {
      target.close();
    }
  });
}
