/**
 * Select words of a text by mouse, touch or keyboard: to make them a claim, to say where a claim stands, or to rely
 * on them. The form sends the offsets in code points and the words; the server accepts them only if both agree.
 */
import { fromUnits } from "./offsets.js";

const article = document.getElementById("article");
const bar = document.getElementById("selection");
const form = document.getElementById("placing") ?? document.querySelector("#make form");

/**
 * The text nodes that make up the paragraph as the server knows it. The numbers of claims are left out.
 * @param {Element} paragraph
 * @returns {Text[]}
 */
export function textNodes(paragraph) {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => {
      if (node instanceof Element) return node.matches("[data-stop]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
      return NodeFilter.FILTER_ACCEPT;
    },
  });
  const nodes = [];
  while (walker.nextNode()) nodes.push(/** @type {Text} */ (walker.currentNode));
  return nodes;
}

/**
 * @param {Element} paragraph
 * @param {Range} range
 * @returns {{start: number, end: number, words: string} | null} the part of the paragraph in the range, in code points
 */
function partOf(paragraph, range) {
  let text = "";
  let from = -1;
  let to = -1;
  for (const node of textNodes(paragraph)) {
    if (range.intersectsNode(node)) {
      const first = node === range.startContainer ? range.startOffset : 0;
      const last = node === range.endContainer ? range.endOffset : node.data.length;
      if (last > first) {
        if (from < 0) from = text.length + first;
        to = text.length + last;
      }
    }
    text += node.data;
  }
  if (from < 0) return null;
  while (from < to && /\s/.test(text[from])) from += 1;
  while (to > from && /\s/.test(text[to - 1])) to -= 1;
  if (from === to) return null;
  const begins = Number(paragraph.getAttribute("data-start"));
  return { start: begins + fromUnits(text, from), end: begins + fromUnits(text, to), words: text.slice(from, to) };
}

/** @returns {{start: number, end: number, words: string, range: Range} | null} */
function selected() {
  const selection = document.getSelection();
  if (!article || !selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  // A touch, or a triple click on the last paragraph, can end beyond the article. Only the part inside it counts.
  if (!article.contains(range.startContainer) && !article.contains(range.endContainer)) return null;
  const parts = [...article.querySelectorAll("p[data-start]")]
    .filter((paragraph) => range.intersectsNode(paragraph))
    .map((paragraph) => partOf(paragraph, range))
    .filter((part) => part !== null);
  if (!parts.length) return null;
  // Exactly one empty line separates two paragraphs of a stored text.
  const words = parts.map((part) => part.words).join("\n\n");
  return { start: parts[0].start, end: parts[parts.length - 1].end, words, range };
}

/** The space that a selection handle needs, in CSS pixels. */
const HANDLE = 56;
/** How long a click may come after the finger is lifted, in milliseconds. */
const TAP = 500;
/** @type {ReturnType<typeof selected>} */
let held = null;
// While a finger is on the button, the system may drop the selection before the tap ends.
let pressed = false;
let lifting = 0;

function showBar() {
  if (!bar || pressed) return;
  held = selected();
  bar.hidden = held === null;
  if (!held) return;
  const count = held.words.split(/\s+/).length;
  const label = bar.querySelector("[data-selected-words]");
  if (label) label.textContent = count === 1 ? "1 word" : `${count} words`;
  const box = held.range.getBoundingClientRect();
  // On touch screens the bar stands at the lower edge, or at the upper edge when the selection ends near the lower one.
  // Selection handles cover everything on the page and would catch the taps meant for the button.
  const reach = bar.offsetHeight + HANDLE;
  const low = box.bottom > document.documentElement.clientHeight - reach;
  bar.classList.toggle("selection--above", low && box.top > reach);
  const left = Math.max(8, Math.min(box.left + scrollX, document.documentElement.clientWidth - bar.offsetWidth - 8));
  bar.style.left = `${left}px`;
  // Keep the button in view when the selection continues below the window.
  const below = Math.min(box.bottom + 8, document.documentElement.clientHeight - bar.offsetHeight - 8);
  bar.style.top = `${below + scrollY}px`;
}

/** @param {string} name @param {string} value */
function fill(name, value) {
  const field = form?.querySelector(`[${name}]`);
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
}

function use() {
  // The bar is one frame behind, so prefer the current selection to the one it shows.
  const taken = selected() ?? held;
  if (!taken || !(form instanceof HTMLFormElement)) return;
  leaveKeyboard();
  fill("data-start", String(taken.start));
  fill("data-end", String(taken.end));
  fill("data-words", taken.words);
  if (bar) bar.hidden = true;
  held = null;
  if (form.matches("[data-placing]")) {
    form.requestSubmit();
    return;
  }
  const details = form.closest("details");
  if (details) details.open = true;
  const statement = form.querySelector("[name=statement]");
  if (statement instanceof HTMLTextAreaElement) {
    if (!statement.value.trim()) statement.value = taken.words.replace(/\s+/g, " ");
    statement.focus();
    statement.select();
  }
  document.getSelection()?.removeAllRanges();
}

// Once the words are edited, the selected offsets no longer describe them.
form?.addEventListener("input", (event) => {
  if (/** @type {Element} */ (event.target).matches("[data-words]")) {
    fill("data-start", "");
    fill("data-end", "");
  }
});

const toggle = document.querySelector("[data-keyboard-select]");
const help = document.querySelector("[data-keyboard-help]");

function leaveKeyboard() {
  if (!article?.isContentEditable) return;
  article.removeAttribute("contenteditable");
  article.removeAttribute("role");
  article.removeAttribute("aria-label");
  toggle?.setAttribute("aria-pressed", "false");
  if (help instanceof HTMLElement) help.hidden = true;
}

function enterKeyboard() {
  if (!article) return;
  // Every browser shows a caret that arrow keys move only in an editable region. Typing is prevented below.
  article.setAttribute("contenteditable", "true");
  article.setAttribute("role", "textbox");
  article.setAttribute("aria-multiline", "true");
  article.setAttribute("aria-readonly", "true");
  article.setAttribute("aria-label", article.dataset.selecting ?? "");
  article.setAttribute("spellcheck", "false");
  toggle?.setAttribute("aria-pressed", "true");
  if (help instanceof HTMLElement) help.hidden = false;
  article.focus();
}

toggle?.addEventListener("click", () => {
  if (article?.isContentEditable) leaveKeyboard();
  else enterKeyboard();
});
for (const kind of ["beforeinput", "paste", "cut", "drop"]) {
  article?.addEventListener(kind, (event) => event.preventDefault());
}
article?.addEventListener("keydown", (event) => {
  if (!article.isContentEditable) return;
  if (event.key === "Enter") {
    event.preventDefault();
    held = selected();
    use();
  } else if (event.key === "Escape") {
    event.preventDefault();
    leaveKeyboard();
    if (toggle instanceof HTMLElement) toggle.focus();
  }
});

let waiting = 0;
document.addEventListener("selectionchange", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(showBar);
});
// Pressing the button must not clear the selection.
bar?.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  clearTimeout(lifting);
  pressed = true;
});
for (const kind of ["pointerup", "pointercancel"]) {
  document.addEventListener(kind, () => {
    if (!pressed) return;
    lifting = setTimeout(() => {
      pressed = false;
      showBar();
    }, TAP);
  });
}
bar?.querySelector("[data-make]")?.addEventListener("click", () => {
  clearTimeout(lifting);
  pressed = false;
  use();
});
// When words are selected, the key that opens the form also fills them in.
document.addEventListener("keydown", (event) => {
  if (event.key === "c" && selected() && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    use();
  }
}, true);
