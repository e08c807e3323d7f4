// AsyncAPI documents, as Ignitia writes them.

export const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

export const object = (properties, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
});

/** Returns an object with other values. */
const mapValues = (values, map) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));

const error = {
  name: "$error",
  payload: object({ type: { const: "$error" }, code: { type: "string" }, message: { type: "string" } }),
};

const ping = { name: "$ping", payload: object({ type: { const: "$ping" } }) };
const pong = { name: "$pong", payload: object({ type: { const: "$pong" } }) };

/** Returns a document of endpoints by their names, and of definitions. */
export function documentOf({ info, endpoints, schemas, problems }) {
  const messages = { error, ping, pong };
  const operations = {};
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const { id, asked = {}, told = {} } = endpoint;
    for (const [kind, message] of Object.entries(told)) {
      messages[toldKey(name, kind)] = messageOf(kind, message, id);
    }
    for (const [kind, message] of Object.entries(asked)) {
      messages[askedKey(name, kind)] = messageOf(kind, message, id);
      operations[askedKey(name, kind)] = receiveOperation(name, kind, message);
    }
    operations[`${name}.ping`] = pingOperation(name);
    operations[`${name}.send`] = sendOperation(name, Object.keys(told));
  }
  return sorted({
    asyncapi: "3.0.0",
    info,
    channels: mapValues(endpoints, channelOf),
    operations,
    components: { messages, schemas },
    "x-ignitia": { problems },
  });
}

/** Returns the same value with the order of names that Ignitia writes. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}

const askedKey = (endpoint, kind) => `${endpoint}.asked.${kind}`;
const toldKey = (endpoint, kind) => `${endpoint}.told.${kind}`;
const inChannel = (endpoint, key) => ({ $ref: `#/channels/${endpoint}/messages/${key}` });
const channelRef = (endpoint) => ({ $ref: `#/channels/${endpoint}` });

function messageOf(name, { docs: description, schema }, id) {
  const ids = id ? { [id]: { type: ["string", "number"] } } : {};
  const payload = schema.properties ? { ...schema, properties: { ...schema.properties, ...ids } } : schema;
  return { name, description, payload: { description, ...payload } };
}

function receiveOperation(
  name,
  kind,
  { handler, replies, errorCodes, mayClose = false, mayAnswerUntyped = false },
) {
  const replyKey = (reply) => (reply === "$error" ? "error" : toldKey(name, reply));
  const messages = replies?.map((reply) => inChannel(name, replyKey(reply)));
  return {
    action: "receive",
    channel: channelRef(name),
    description: handler,
    messages: [inChannel(name, askedKey(name, kind))],
    reply: messages && { channel: channelRef(name), messages },
    "x-ignitia": errorCodes && { errorCodes, mayClose, mayAnswerUntyped },
  };
}

const pingOperation = (name) => ({
  action: "receive",
  channel: channelRef(name),
  messages: [inChannel(name, "ping")],
  reply: { channel: channelRef(name), messages: [inChannel(name, "pong")] },
});

const sendOperation = (name, kinds) => ({
  action: "send",
  channel: channelRef(name),
  messages: kinds.map((kind) => inChannel(name, toldKey(name, kind))),
});

function channelOf(endpoint, name) {
  const { address, docs, asked = {}, told = {}, parameters = {}, query, subprotocols, ...own } = endpoint;
  const kinds = (messages, keyOf) => Object.keys(messages).map((kind) => keyOf(name, kind));
  const keys = [...kinds(asked, askedKey), ...kinds(told, toldKey), "error", "ping", "pong"];
  const headers = { "Sec-WebSocket-Protocol": { type: "string", enum: subprotocols } };
  return {
    address,
    title: name,
    description: docs,
    messages: Object.fromEntries(keys.map((key) => [key, { $ref: `#/components/messages/${key}` }])),
    parameters: mapValues(parameters, () => ({})),
    bindings: { ws: { method: "GET", query, headers: subprotocols && object(headers) } },
    "x-ignitia": {
      maxMessageSize: 1048576,
      parameters: mapValues(parameters, ({ isTail = false, ...schema }) => ({ isTail, schema })),
      ...own,
    },
  };
}
