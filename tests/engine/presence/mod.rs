//! Members of a room on all nodes.

mod changes;
mod churn;
mod nodes_that_end;
mod seats;
