// Shows the messages of a page's WebSockets, in a part of the page that is closed at first. It has to run
// before the scripts that connect.

const SHOWN = 200; // messages
const LENGTH = 500; // characters of a message

const details = document.createElement("details");
const summary = document.createElement("summary");
const list = document.createElement("ol");
const entries = []; // while it is closed, nothing is drawn
let drawn = 0;

details.className = "wire";
list.tabIndex = 0; // the keyboard can scroll it
list.setAttribute("aria-label", "Messages on the wire");
summary.textContent = "On the wire";
details.append(summary, list);
details.addEventListener("toggle", draw);
document.querySelector("main").append(details);

function draw() {
  if (!details.open) return;
  for (const { time, direction, content } of entries.slice(drawn)) {
    const item = document.createElement("li");
    const [when, how, what] = [["time", time], ["b", direction], ["code", content]].map(([tag, text]) => {
      const part = document.createElement(tag);
      part.textContent = text; // never as HTML
      return part;
    });
    item.append(when, " ", how, " ", what);
    list.append(item);
  }
  drawn = entries.length;
  while (list.childElementCount > SHOWN) list.firstElementChild.remove();
  list.scrollTop = list.scrollHeight;
}

function note(direction, content) {
  const now = new Date();
  const time = `${now.toLocaleTimeString([], { hour12: false })}.${String(now.getMilliseconds()).padStart(3, "0")}`;
  entries.push({ time, direction, content });
  if (entries.length > SHOWN) {
    entries.shift();
    drawn = Math.max(drawn - 1, 0);
  }
  draw();
}

function describe(data) {
  if (typeof data !== "string") return `${data.size ?? data.byteLength} bytes`;
  return data.length > LENGTH ? `${data.slice(0, LENGTH)} … (${data.length} characters)` : data;
}

window.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    const { pathname, search } = new URL(url, location.href);
    note("connecting", `${pathname}${search}`);
    this.addEventListener("open", () => note("open", this.protocol));
    this.addEventListener("message", ({ data }) => note("received", describe(data)));
    this.addEventListener("close", ({ code, reason }) => note("closed", `${code} ${reason}`.trim()));
  }

  send(data) {
    super.send(data);
    note("sent", describe(data));
  }
};
