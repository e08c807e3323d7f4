// The messages of an AsyncAPI document.

/** Returns what a reference of a document refers to. */
function target(document, { $ref }) {
  const parts = $ref.slice(2).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return parts.reduce((found, part) => found[part], document);
}

/** Returns the names of all endpoints' own messages in the document, without those of the library. */
export const ownNames = ({ components }) =>
  Object.entries(components.messages).filter(([, message]) => isOwn(message)).map(([name]) => name);

const isOwn = ({ name }) => !name.startsWith("$");

/** Returns an endpoint's own messages that the server receives or sends, by their names in the document. */
export function messages(document, endpoint, action) {
  const found = new Map();
  for (const operation of Object.values(document.operations)) {
    if (operation.action !== action || operation.channel.$ref !== `#/channels/${endpoint}`) continue;
    for (const reference of operation.messages) {
      const message = target(document, target(document, reference));
      if (isOwn(message)) found.set(message.title, message);
    }
  }
  return found;
}
