// Shows the state of a connection in a page.

const LOST = 1006; // the code of browsers for a missing close frame or connection

/** Describes a state of a `ReconnectingSocket`. */
function describe({ name, seconds, code, reason }) {
  const words = reason || (code === LOST ? "no connection" : "");
  const why = code ? ` (${code}${words && ": "}${words})` : "";
  switch (name) {
    case "reconnecting": return `reconnecting in ${seconds} s${why}`;
    case "closed": return `closed${why}`;
    default: return name;
  }
}

/** Shows states in an element, with a button that connects now where that can help. */
export function stateView(element, button, reconnect) {
  button.onclick = reconnect; // in place of that of a connection before
  return (state) => {
    element.dataset.state = state.name;
    element.textContent = describe(state);
    button.hidden = state.name !== "reconnecting" && state.name !== "closed";
  };
}

/** Shows the states of a generated client in the same way. Returns a function that ends this. */
export function showClient(client, element, button) {
  const show = stateView(element, button, () => client.reconnect());
  let timer = 0;
  const update = (state) => {
    clearTimeout(timer);
    if (state.name !== "waiting") return show(state);
    const left = Math.max(state.until - Date.now(), 0);
    show({ ...state, name: "reconnecting", seconds: Math.ceil(left / 1000) });
    // At the next change of the seconds. A page that was left waits for ever.
    if (left > 0 && left < Infinity) timer = setTimeout(() => update(state), left % 1000 || 1000);
  };
  const unsubscribe = client.onState(update);
  update(client.state);
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
