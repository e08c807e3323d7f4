/// Function that reads a text as an endpoint does, and returns the error if it is refused.
pub(super) type TextReader = fn(&str) -> Option<String>;
