/**
 * Saves what is typed into a `form[data-autosave]` as a draft: a moment after the last change, and when the page is
 * left. The form's `[role="status"]` says when the draft was saved, or that saving failed and will be tried again.
 */
const WAIT = 900;
const TRY_AGAIN = 10_000;

/** @param {HTMLFormElement} form */
function keep(form) {
  const url = form.dataset.autosave ?? "";
  const status = form.querySelector('[role="status"]');
  let saved = snapshot(form);
  let timer = 0;
  let busy = false;
  let leaving = false;

  /** @param {string} words */
  const say = (words) => {
    if (status) status.textContent = words;
  };

  async function save() {
    clearTimeout(timer);
    const now = snapshot(form);
    if (now === saved || leaving) return;
    if (busy) {
      timer = window.setTimeout(save, WAIT);
      return;
    }
    busy = true;
    try {
      const answer = await fetch(url, {
        method: "POST",
        body: new URLSearchParams(now),
        headers: { "HX-Request": "true" },
        keepalive: now.length < 60_000,
      });
      if (answer.status === 401 || answer.status === 403) {
        say("Not saved: you signed out, or signed in again, since this page was opened. Copy what you typed and reload the page.");
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      saved = now;
      if (status) status.innerHTML = await answer.text();
    } catch {
      say("Not saved yet: the workbench did not answer. It is tried again by itself.");
      timer = window.setTimeout(save, TRY_AGAIN);
    } finally {
      busy = false;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(save, WAIT);
  });
  // Sending the form saves it. A draft that arrived afterwards would only be in the way.
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void save();
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  if (form.hasAttribute("data-unsaved")) {
    saved = "";
    void save();
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {string} what the form would send, without files
 */
function snapshot(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.append(name, value);
  }
  return fields.toString();
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  if (form instanceof HTMLFormElement) keep(form);
}
