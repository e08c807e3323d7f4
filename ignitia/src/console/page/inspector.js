// One entry of the log in full.

import { button, element } from "./dom.js";
import { clock, hexDump, milliseconds, plural, visible } from "./format.js";
import { layOut } from "./json.js";
import { ARROWS, contentOf } from "./transcript.js";

/** Number of parts of a message that are coloured. What follows them is plain text. */
const MAX_COLOURED = 4_000;

const MAX_BYTES = 16 * 1024;

const MAX_REPLIES = 20;

/** Shows an entry, or nothing. `goTo`, `reuse`, `copyText` and `close` are what its buttons do. */
export function inspect(entry, { inspector, inspectorTitle, inspectorFacts, inspectorBody }, actions) {
  inspector.hidden = entry === null;
  if (entry === null) return;
  inspectorTitle.replaceChildren(...heading(entry));
  inspectorFacts.replaceChildren(...facts(entry, actions));
  inspectorBody.replaceChildren(...body(entry));
  inspectorBody.classList.toggle("hex", entry.bytes !== undefined);
  inspectorBody.scrollTop = 0;
}

function heading({ direction, kind, id, size, time }) {
  const words = { sent: "Sent", received: "Received", note: "Connection" }[direction];
  const about = [clock(time), direction !== "note" && plural(size, "byte"), id !== undefined && `id ${id}`];
  return [
    element("strong", {}, `${ARROWS[direction]} ${words} ${direction === "note" ? "" : visible(kind)}`),
    element("span", {}, about.filter(Boolean).join(" · ")),
  ];
}

/** Makes what stands between the heading and the text: links, problems, buttons. */
function facts(entry, { goTo, reuse, copyText, close }) {
  const { request, replies, problems, direction } = entry;
  const link = (label, to) => button(label, () => goTo(to), { class: "link" });
  const after = ({ elapsed }) => ` after ${milliseconds(elapsed)} `;
  const answers = replies
    .slice(0, MAX_REPLIES)
    .map((reply) => [link(visible(reply.kind), reply), after(reply)]);
  const further = replies.length - MAX_REPLIES;
  const copyButton = button("Copy", () => copyText(contentOf(entry), copyButton));
  const problem = ({ path, message }) =>
    element("li", {}, path && [element("code", {}, path), ": "], message);
  return [
    request && element("p", {}, "Answers ", link(`request ${request.id}`, request), after(entry)),
    answers.length > 0 && element("p", {}, "Answered by ", answers, further > 0 && `and ${further} more`),
    problems.length > 0 && element("ul", { class: "problems" }, problems.map(problem)),
    element(
      "div",
      { class: "actions" },
      copyButton,
      direction === "sent" && button("Edit and send again", () => reuse(entry)),
      button("Close", close),
    ),
  ].filter(Boolean);
}

/** Makes the text of a message: JSON in colours, bytes in hexadecimal, anything else as it is. */
function body({ bytes: binary, text, value }) {
  if (binary) {
    const rest = binary.length > MAX_BYTES ? "\n.. (copy or save it for the rest)" : "";
    return [hexDump(binary.subarray(0, MAX_BYTES)), rest];
  }
  if (value === undefined) return [text];
  const nodes = [];
  let rest = "";
  for (const [name, part] of layOut(text)) {
    if (nodes.length >= MAX_COLOURED) rest += part;
    else nodes.push(name ? element("span", { class: name }, part) : part);
  }
  return [...nodes, rest];
}
