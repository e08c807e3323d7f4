// Handshakes that were refused: what can be found out about them, which is not much.
//
// A page sees neither the status nor the text of the answer. It could ask the same path without an
// upgrade, but that has another answer, and may run a page of the program's.

import { readQuery } from "./address.js";
import { problemsOf } from "./schema.js";

/** Milliseconds until a server counts as one that does not answer. */
const PATIENCE = 5_000;

/** Returns what is known about a handshake that has failed, and its likely causes. */
export async function explainRefusal(endpoint, attempt) {
  const status = await statusOfPage();
  if (status === null) return "Never opened: the server cannot be reached, or does not answer.";
  if (status >= 400) return `Never opened: the server answers even this page with ${status}.`;
  return (
    "Never opened: the server runs, and has refused the handshake, or has not answered it. Browsers tell " +
    "pages no more; the status and the text are in the network panel of the browser's tools. Likely causes:" +
    likelyCauses(endpoint, attempt)
      .map((cause) => `\n– ${cause}`)
      .join("")
  );
}

/** Returns the status of a file of this page, or null if there is no answer. */
async function statusOfPage() {
  const options = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
  const response = await fetch("asyncapi.json", options).catch(() => null);
  return response && response.status;
}

/** Returns likely causes, first those that the contract shows. */
function likelyCauses(endpoint, { values, query, subprotocols: offered }) {
  const wrongParameters = endpoint.parameters.flatMap(({ name, schema }) =>
    problemsOf(schema, values[name]).map(({ message }) => `the path parameter \`${name}\`: ${message}`),
  );
  const wrongFields = endpoint.query ? problemsOf(endpoint.query, readQuery(query, endpoint.query)) : [];
  const isUnknown = offered.length > 0 && !offered.some((name) => endpoint.subprotocols.includes(name));
  return [
    ...wrongParameters,
    ...wrongFields.map(({ path, message }) => `the query${path && `, \`${path}\``}: ${message}`),
    isUnknown &&
      `the contract has none of the subprotocols ${offered.join(", ")}, and a browser gives up if none is chosen`,
    "an extractor or the handler refuses it, such as for want of a login: a page has cookies and the query " +
      "for that, and no headers of its own",
    `the endpoint allows only other origins than ${location.origin}`,
    "the server has too many connections, or is shutting down",
  ].filter(Boolean);
}
