//! Members of a room on all nodes.

mod changes;
mod churn;
mod model;
mod nodes_that_end;
mod seats;
