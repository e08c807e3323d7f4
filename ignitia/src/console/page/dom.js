// Elements. All data becomes text: nothing here, or elsewhere in the page, is read as HTML.

/**
 * Makes an element. `on` holds listeners, children are elements or texts. What is false, null or
 * undefined is left out.
 */
export function element(name, { on = {}, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) setAttribute(made, attribute, value);
  for (const [type, listener] of Object.entries(on)) made.addEventListener(type, listener);
  made.append(...children.flat(Infinity).filter((child) => child !== false && child != null));
  return made;
}

/** Sets an attribute, or removes it if its value is false, null or undefined. */
export function setAttribute(target, attribute, value) {
  if (value === false || value == null) target.removeAttribute(attribute);
  else target.setAttribute(attribute, value === true ? "" : value);
}

export const button = (label, click, attributes = {}) =>
  element("button", { type: "button", on: { click }, ...attributes }, label);

let ids = 0;

/** Returns an id that no other element has. */
export const uniqueId = () => `unique-${(ids += 1)}`;

/** Makes the elements of a doc comment: its paragraphs, and what stands between backticks. */
export function prose(text = "") {
  return text
    .split(/\n\s*\n|\n(?=\s*[-*] )/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => element("p", {}, inline(paragraph)));
}

/** Makes the nodes of a line of a doc comment. */
export function inline(text = "") {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

/** Returns the first sentence, or line, of a doc comment. */
export const firstSentence = (text = "") => /^.*?(?:[.!?](?=\s)|$)/m.exec(text)[0];

/** Returns elements by the name in their attribute `data-part`. */
export function partsOf(root) {
  return Object.fromEntries(
    [...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]),
  );
}

/** Copies a text to the clipboard, also where a page over plain HTTP has no access to it. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = element("textarea", { class: "visually-hidden" });
  area.value = text;
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

/** Offers a text as a file. */
export function saveAs(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
