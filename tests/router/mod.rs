//! The router: which of its routes a request goes to.

mod shared_paths;
