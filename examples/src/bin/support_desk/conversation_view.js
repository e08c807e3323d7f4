// A conversation in a page: of the visitor, or of an agent.

import { connect } from "/client.js";
import { showClient } from "/state_view.js";

const TYPING_PAUSE = 2_000; // ms between two notices that somebody writes
const TYPING_SHOWN = 4_000; // ms for which a notice is shown
const MAX_FILE = 4 << 20;
const UNAUTHORIZED = 3000; // logged out, or expired

const element = (id) => document.getElementById(id);
const [log, older, people, typing, text, send, attach, file] =
  ["log", "older", "people", "typing", "text", "send", "attach", "file"].map(element);

const timeOf = (at) => new Date(Number(at)).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const sizeOf = (bytes) => (bytes < 1024 ? `${bytes} bytes` : `${Math.ceil(Number(bytes) / 1024)} KiB`);
// `crypto.randomUUID` is missing on pages over plain HTTP from another machine.
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

/** Sends JSON to a route, and returns the response. */
export function postJson(path, body) {
  const headers = { "content-type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/**
 * Shows a conversation. `endpoint` is its name in the client, `side` the path that the cookie
 * belongs to, `staff` true for an agent. `onLoggedOut` is called with the reason when the session
 * has ended. Returns a function that leaves the conversation.
 */
export function showConversation({ endpoint, side, conversation, staff, onLoggedOut }) {
  const client = connect(endpoint, { path: { conversation }, spread: 2_000 });
  const base = `${side}/conversations/${conversation}`;
  const left = new AbortController(); // ends the listeners on the page
  const items = new Map(); // by the number of the post
  const unconfirmed = new Map(); // own messages that have not come back, by their keys
  const kept = []; // keys of those that wait until a closed client connects again
  const timers = new Map(); // of typing notices, by name
  let oldest = null; // number of the oldest post that is shown
  let isLoaded = false;
  let typedAt = -Infinity;

  function item(kind, heading, ...content) {
    const li = document.createElement("li");
    li.className = kind;
    if (heading) {
      const small = document.createElement("small");
      small.textContent = heading;
      li.append(small);
    }
    li.append(...content); // a string becomes text, never HTML
    return li;
  }

  function note(content) {
    const li = item("note", "", content);
    log.append(li);
    li.scrollIntoView({ block: "nearest" });
  }

  /** Shows a post at its place. One that is known already is left alone. */
  function show(post) {
    if (items.has(post.id)) return;
    const own = post.author.staff === staff;
    const heading = `${post.author.name}, ${timeOf(post.at)}`;
    const li = item(own ? "own" : "", heading, post.file ? linkTo(post.file) : post.text);
    li.dataset.post = post.id;
    const later = [...log.querySelectorAll("[data-post]")].find(({ dataset }) => Number(dataset.post) > post.id);
    if (later) later.before(li);
    else log.append(li);
    items.set(post.id, li);
    oldest = Math.min(oldest ?? Infinity, post.id);
    if (!later) li.scrollIntoView({ block: "nearest" });
    if (own) {
      unconfirmed.get(post.key)?.remove();
      unconfirmed.delete(post.key);
    }
  }

  function linkTo({ id, name, bytes }) {
    const link = document.createElement("a");
    link.href = `${side}/files/${id}`;
    link.download = name;
    link.textContent = `${name} (${sizeOf(bytes)})`;
    return link;
  }

  async function load() {
    const before = isLoaded ? oldest : null;
    try {
      const { posts, more } = await client.request.older({ before }, { repeat: true });
      if (left.signal.aborted) return;
      const height = log.scrollHeight;
      posts.forEach(show);
      if (before !== null) log.scrollTop += log.scrollHeight - height; // what was in view stays there
      isLoaded = true;
      older.hidden = !more;
    } catch (error) {
      if (!left.signal.aborted) note(`The messages cannot be loaded: ${error.message}`);
    }
  }

  /** Forgets what is shown, and loads the newest page. */
  function reload() {
    for (const li of items.values()) li.remove();
    items.clear();
    oldest = null;
    isLoaded = false;
    return load();
  }

  async function say(key) {
    const li = unconfirmed.get(key);
    try {
      await client.request.say({ key, text: li.lastChild.textContent }, { repeat: true, timeout: Infinity });
    } catch (error) {
      if (!unconfirmed.has(key)) return; // it has come back
      if (error.code === "closed") return kept.push(key);
      unconfirmed.delete(key);
      li.className = "own error";
      li.firstChild.textContent = error.message;
    }
  }

  async function upload(chosen) {
    if (chosen.size > MAX_FILE) return note(`${chosen.name} is larger than ${sizeOf(MAX_FILE)}.`);
    attach.disabled = true;
    const query = new URLSearchParams({ name: chosen.name, key: newKey() });
    try {
      const response = await fetch(`${base}/files?${query}`, { method: "POST", body: chosen });
      if (!response.ok) note(`${chosen.name} was not sent: ${await response.text()}`);
    } catch {
      note(`${chosen.name} was not sent: the server cannot be reached.`);
    }
    attach.disabled = left.signal.aborted;
  }

  function showTyping() {
    const names = [...timers.keys()];
    typing.textContent = names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} writing …`;
  }

  function stopTyping(name) {
    clearTimeout(timers.get(name));
    timers.delete(name);
    showTyping();
  }

  client.on.said(({ post }) => {
    stopTyping(post.author.name);
    show(post);
  });
  client.on.typing(({ person: { name } }) => {
    stopTyping(name);
    timers.set(name, setTimeout(stopTyping, TYPING_SHOWN, name));
    showTyping();
  });
  client.on.present((present) => {
    people.textContent = `Here: ${present.people.map(({ name }) => name).join(", ")}`;
  });
  client.on.notice(({ by, text }) => note(`${by} to everybody: ${text}`));
  client.on.resolved(({ by }) => note(`${by} has resolved this conversation.`));
  client.onResumed(({ lost }) => lost && reload());
  const stopState = showClient(client, element("state"), element("reconnect"));
  const stopEnds = client.onState((state) => {
    if (state.name !== "open") people.textContent = "";
    if (state.name === "connecting") kept.splice(0).forEach(say);
    if (state.name === "closed" && state.code === UNAUTHORIZED) onLoggedOut(state.reason);
  });

  const listen = (target, kind, listener) => target.addEventListener(kind, listener, { signal: left.signal });
  listen(older, "click", load);
  listen(attach, "click", () => file.click());
  listen(file, "change", () => {
    if (file.files[0]) upload(file.files[0]);
    file.value = ""; // the same file may be chosen again
  });
  listen(text, "input", () => {
    const now = performance.now();
    if (client.state.name !== "open" || now - typedAt < TYPING_PAUSE) return;
    typedAt = now;
    client.send.typing();
  });
  listen(element("composer"), "submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (said === "") return;
    const key = newKey();
    const li = item("own unconfirmed", "waiting to be delivered", said);
    log.append(li);
    li.scrollIntoView({ block: "nearest" });
    unconfirmed.set(key, li);
    say(key);
    text.value = "";
    typedAt = -Infinity;
  });
  // Leaving now would lose unconfirmed messages.
  listen(window, "beforeunload", (event) => unconfirmed.size > 0 && event.preventDefault());

  for (const control of [text, send, attach]) control.disabled = false;
  text.focus();
  load();

  return () => {
    left.abort();
    stopState();
    stopEnds();
    client.close();
    timers.forEach(clearTimeout);
    log.replaceChildren();
    older.hidden = true;
    for (const line of [people, typing]) line.textContent = "";
    for (const control of [text, send, attach]) control.disabled = true;
  };
}
