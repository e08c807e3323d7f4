// The console: the list of endpoints, the page of the one that is chosen, and the keyboard.

import { loadContract } from "./contract.js";
import { element, firstSentence, inline, partsOf, prose, setAttribute } from "./dom.js";
import { Session } from "./session.js";
import { Snippets } from "./snippets.js";

const parts = partsOf(document.body);
const template = document.getElementById("session");
const snippets = new Snippets();
const sessions = new Map();
const links = new Map();
let endpoints = [];
let shown = null;

try {
  showContract(await loadContract("asyncapi.json"));
} catch (error) {
  const retry = element(
    "button",
    { type: "button", class: "primary", on: { click: () => location.reload() } },
    "Try again",
  );
  parts.main.replaceChildren(
    element("div", { class: "empty", role: "alert" }, element("p", {}, error.message), retry),
  );
}

function showContract({ title, version, docs, problems, endpoints: list }) {
  endpoints = list;
  document.title = `${title} · Ignitia console`;
  parts.title.textContent = title;
  parts.version.textContent = version;
  parts.about.replaceChildren(...prose(docs));
  parts.endpoints.replaceChildren(...endpoints.map(listItem));
  parts.problems.hidden = problems.length === 0;
  parts.problemList.replaceChildren(...problems.map((problem) => element("li", {}, inline(problem))));
  parts.problemCount.textContent = problems.length;
  parts.search.addEventListener("input", searchEndpoints);
  addEventListener("hashchange", showChosen);
  searchEndpoints();
  showChosen();
}

function hashOf(name) {
  return `#${encodeURIComponent(name)}`;
}

function listItem(endpoint) {
  const { name, address, docs } = endpoint;
  const state = element("span", { class: "visually-hidden" });
  const link = element(
    "a",
    { href: hashOf(name), on: { click: () => showView("compose") } },
    element("strong", {}, name, " ", state),
    element("code", {}, address),
    element("span", { class: "summary" }, firstSentence(docs)),
  );
  links.set(endpoint, { link, state });
  return element("li", {}, link);
}

/** Lists the endpoints that have all words, in their own texts or in those of their messages. */
function searchEndpoints() {
  const words = parts.search.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const [endpoint, { link }] of links) {
    const text = textOf(endpoint);
    const isFound = words.every((word) => text.includes(word));
    link.parentElement.hidden = !isFound;
    count += Number(isFound);
  }
  parts.found.textContent =
    endpoints.length === 0
      ? "The server has no endpoints in its contract."
      : count === 0
        ? "No endpoint has these words."
        : "";
}

function textOf({ name, address, docs, outgoing, incoming }) {
  const messages = [...(outgoing?.messages ?? []), ...(incoming?.messages ?? [])];
  const texts = messages.flatMap((message) => [message.name, message.docs, message.handlerDocs ?? ""]);
  return [name, address, docs, ...texts].join(" ").toLowerCase();
}

/** Shows the endpoint that the address names, or the first one. */
function showChosen() {
  const endpoint = endpoints.find(({ name }) => hashOf(name) === location.hash) ?? endpoints[0];
  if (!endpoint) return;
  shown = sessionOf(endpoint);
  parts.main.replaceChildren(shown.element);
  for (const [other, { link }] of links) setAttribute(link, "aria-current", other === endpoint && "page");
  showCount();
}

function sessionOf(endpoint) {
  if (!sessions.has(endpoint)) {
    const { link, state } = links.get(endpoint);
    const showState = (now) => {
      link.dataset.state = now;
      state.textContent = now === "closed" ? "" : `(${now})`;
    };
    const session = new Session(template, endpoint, snippets, showState);
    session.log.addEventListener("entry", showCount);
    session.log.addEventListener("clear", showCount);
    sessions.set(endpoint, session);
  }
  return sessions.get(endpoint);
}

/** Shows how many messages there are, where the conversation is a view of its own. */
function showCount() {
  const count = shown.log.entries.length;
  parts.count.textContent = count === 0 ? "" : count;
}

/** Chooses the part of the page that a narrow window shows. */
function showView(view) {
  document.body.dataset.view = view;
  for (const tab of parts.views.querySelectorAll("button")) {
    setAttribute(tab, "aria-current", tab.dataset.view === view && "true");
  }
}

parts.views.addEventListener("click", ({ target }) => {
  const tab = target.closest("button");
  if (tab) showView(tab.dataset.view);
});

const shortcuts = {
  "/": () => focusIn("endpoints", () => parts.search.focus()),
  c: () => shown.toggleConnection(),
  m: () => focusIn("compose", () => shown.composer.focus()),
  l: () => focusIn("conversation", () => shown.conversation.focusList()),
  f: () => focusIn("conversation", () => shown.conversation.focusFilter()),
  p: () => shown.conversation.togglePause(),
  x: () => shown.log.clear(),
  "?": () => parts.shortcuts.showModal(),
};

function focusIn(view, focus) {
  showView(view);
  focus();
}

addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    shown?.composer.submit();
    return;
  }
  const isTyping = event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
  const isOff =
    !parts.singleKeys.checked || parts.shortcuts.open || event.ctrlKey || event.metaKey || event.altKey;
  const shortcut = Object.hasOwn(shortcuts, event.key) && shortcuts[event.key];
  if (!shortcut || !shown || isTyping || isOff) return;
  event.preventDefault();
  shortcut();
});

parts.help.addEventListener("click", () => parts.shortcuts.showModal());

// Chromium keeps the sockets of pages that were left, and the server would hear nothing of it.
addEventListener("pagehide", () => {
  for (const session of sessions.values()) session.disconnect();
});

showView("compose");
