//! Frames on the wire: valid ones, and those that break RFC 6455.

mod edge_cases;
mod size_limits;
mod valid;
mod violations;
