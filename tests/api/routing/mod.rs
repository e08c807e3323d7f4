//! Routes: paths, nesting, layers, and mistakes that are found at the start.

mod axum_router;
mod route_errors;
mod routes;
mod shared_paths;
