//! The opening handshake: requests that are accepted or refused, and the decision of the handler.

mod bodies;
mod decision;
mod decision_window;
mod early_departures;
mod head_size;
mod malformed_requests;
mod middleware;
mod origins;
mod panicking_extractors;
mod refusals;
mod response_headers;
mod same_answers;
mod smuggling;
mod subprotocols;
mod validation;
