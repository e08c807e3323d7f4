// The contract: the AsyncAPI document in the terms of this page.

import { parse } from "./json.js";

/** Key under which a definition that was referred to has its name. */
export const NAME = Symbol("name");

/** Loads a document. Throws an error that says what to do. */
export async function loadContract(url) {
  const response = await fetch(url).catch(() => null);
  if (!response) throw new Error("The server cannot be reached.");
  if (!response.ok) throw new Error(`The server answered ${response.status} when asked for ${url}.`);
  return readContract(parse(await response.text()));
}

/** Reads a document. */
function readContract(document) {
  const linked = link(document);
  const operations = Object.values(linked.operations ?? {});
  const [server] = Object.values(linked.servers ?? {});
  const prefix = (server?.pathname ?? "").replace(/\/$/, "");
  return {
    title: linked.info?.title ?? "",
    version: linked.info?.version ?? "",
    docs: linked.info?.description ?? "",
    problems: linked["x-ignitia"]?.problems ?? [],
    endpoints: Object.entries(linked.channels ?? {}).map(([name, channel]) => {
      const own = operations.filter((operation) => operation.channel === channel);
      return readEndpoint(name, channel, own, prefix);
    }),
  };
}

function readEndpoint(name, channel, operations, prefix) {
  const own = channel["x-ignitia"] ?? {};
  const { query, headers } = channel.bindings?.ws ?? {};
  const asked = operations.filter(({ action }) => action === "receive");
  const told = operations.filter(({ action }) => action === "send");
  return {
    name,
    docs: channel.description ?? "",
    address: prefix + channel.address,
    parameters: Object.keys(channel.parameters ?? {}).map((parameter) => ({
      name: parameter,
      docs: channel.parameters[parameter].description,
      schema: own.parameters?.[parameter]?.schema ?? { type: "string" },
      isTail: own.parameters?.[parameter]?.isTail ?? false,
    })),
    query: query ?? null,
    subprotocols: headers?.properties?.["Sec-WebSocket-Protocol"]?.enum ?? [],
    /** Name of the field for correlation ids, if there is one. */
    id: own.id ?? null,
    resumes: own.resumes ?? false,
    takesBinary: own.takesBinary ?? false,
    maxMessageSize: own.maxMessageSize,
    idleTimeout: own.idleTimeout,
    // The document's words are the server's: it receives what this page sends.
    outgoing: own.received ? { ...own.received, messages: asked.flatMap(readAsked) } : null,
    incoming: own.sent ? { ...own.sent, messages: told.flatMap(readTold) } : null,
  };
}

function readAsked({ messages, description, reply, "x-ignitia": own }) {
  return messages.filter(isOfEndpoint).map((message) => ({
    ...readMessage(message),
    handlerDocs: description === message.description ? "" : (description ?? ""),
    replies: (reply?.messages ?? []).filter(isOfEndpoint).map(({ name }) => name),
    errorCodes: own?.errorCodes ?? [],
    mayClose: own?.mayClose ?? false,
    mayAnswerUntyped: own?.mayAnswerUntyped ?? false,
  }));
}

const readTold = ({ messages }) => messages.filter(isOfEndpoint).map(readMessage);

/** Returns false for a message of the library itself, which this page sends and reads by itself. */
const isOfEndpoint = ({ name }) => !name.startsWith("$");

const readMessage = ({ name, description, payload }) => ({ name, docs: description ?? "", schema: payload });

/** Replaces all references in a document by what they refer to, which may contain itself. */
function link(document) {
  const find = (reference) => {
    const keys = reference.replace(/^#\/?/, "").split("/").map(unescape);
    const target = keys.reduce((value, key) => value?.[key], document);
    if (target === undefined) throw new Error(`The document has nothing at ${reference}.`);
    if (target.$ref !== undefined) return find(target.$ref);
    if (reference.startsWith("#/components/schemas/")) target[NAME] = keys.at(-1);
    return target;
  };
  const replace = (value) => {
    for (const [key, member] of Object.entries(value)) {
      if (member === null || typeof member !== "object") continue;
      if (typeof member.$ref === "string") value[key] = find(member.$ref);
      else replace(member);
    }
  };
  replace(document);
  return document;
}

const unescape = (key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
