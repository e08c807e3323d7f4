//! The task of a connection and the code that it polls: fairness, cancellation, writes, panics.

mod cancellation;
mod clones;
mod fairness;
mod many_senders;
mod polling_at_rest;
mod user_code;
mod writes;
