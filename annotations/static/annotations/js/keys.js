/**
 * Single keys. `data-key` names the key that presses an element, and `data-key-label` says what that does. The help
 * dialog is made from the same attributes, so it is always right. A key focuses a field, toggles a checkbox or radio
 * button, and clicks a link or button. Keys never act while someone types, and can be turned off.
 */
const STORE = "keys-off";

/** @returns {boolean} */
function turnedOff() {
  try {
    return localStorage.getItem(STORE) === "yes";
  } catch {
    return false;
  }
}

/** @param {boolean} off */
function remember(off) {
  try {
    localStorage.setItem(STORE, off ? "yes" : "no");
  } catch {
    // Nothing could be stored. The choice still holds on this page.
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {boolean} whether a key pressed there would type a letter or choose an option
 */
export function isTyping(target) {
  if (!(target instanceof Element)) return false;
  if (target.closest('textarea, select, [contenteditable]:not([contenteditable="false"]), [data-keys-stop]')) return true;
  const input = target.closest("input");
  return input !== null && !["checkbox", "radio", "button", "submit", "reset"].includes(input.type);
}

/**
 * @param {Element} element
 * @returns {boolean}
 */
function usable(element) {
  if (element.matches(":disabled, [aria-disabled='true']")) return false;
  return element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0;
}

/**
 * @param {Document} page
 * @returns {{key: string, label: string}[]} every key that does something on this page now
 */
export function keysOf(page) {
  const found = new Map();
  if (page.querySelector("[data-list] [data-item]")) {
    found.set("j", "Next in the list");
    found.set("k", "Previous in the list");
    found.set("Enter", "Open it");
    if (page.querySelector('[data-list] [data-item] input[type="checkbox"]')) found.set("x", "Select it");
  }
  for (const element of page.querySelectorAll("[data-key]")) {
    const key = element.getAttribute("data-key") ?? "";
    if (!found.has(key) && usable(element)) {
      found.set(key, element.getAttribute("data-key-label") || element.getAttribute("aria-label") || element.textContent?.trim() || key);
    }
  }
  return [...found].map(([key, label]) => ({ key, label }));
}

/** @param {Element} element */
function press(element) {
  if (!(element instanceof HTMLElement)) return;
  const isField = element.matches('textarea, select, input:not([type="checkbox"], [type="radio"], [type="submit"], [type="button"])');
  if (isField) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
    return;
  }
  // The key only moves the focus to an action that cannot be undone; Enter carries it out.
  if (element.matches("[data-key-focus]")) {
    element.focus();
    return;
  }
  if (element.matches('input[type="radio"], input[type="checkbox"]')) element.focus();
  element.click();
}

/** @param {Document} page */
function fillHelp(page) {
  const list = page.querySelector("[data-keylist]");
  if (!list) return;
  list.replaceChildren(
    ...keysOf(page).map(({ key, label }) => {
      const row = page.createElement("div");
      const term = page.createElement("dt");
      const shown = page.createElement("kbd");
      const words = page.createElement("dd");
      shown.className = "key";
      shown.textContent = key;
      words.textContent = label;
      term.append(shown);
      row.append(term, words);
      return row;
    }),
  );
}

/** @param {Document} page */
export function attachKeys(page) {
  const dialog = page.getElementById("keys");
  const choice = page.querySelector("[data-keys-on]");
  page.documentElement.classList.toggle("keys-off", turnedOff());
  if (choice instanceof HTMLInputElement) {
    choice.checked = !turnedOff();
    choice.addEventListener("change", () => {
      remember(!choice.checked);
      page.documentElement.classList.toggle("keys-off", !choice.checked);
    });
  }
  dialog?.addEventListener("opening", () => fillHelp(page));

  page.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (turnedOff() || isTyping(event.target) || page.querySelector("dialog[open]")) return;
    const hasList = page.querySelector("[data-list] [data-item]") !== null;
    if (hasList && (event.key === "j" || event.key === "k")) {
      page.dispatchEvent(new CustomEvent("keys:move", { detail: event.key === "j" ? 1 : -1 }));
    } else if (hasList && event.key === "x") {
      page.dispatchEvent(new CustomEvent("keys:tick"));
    } else {
      const pressed = [...page.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find(usable);
      if (!pressed) return;
      press(pressed);
    }
    event.preventDefault();
  });
}
