//! Data that is lost: by the server, or because it was more than a history keeps.

mod evictions;
mod expiries;
mod failovers;
mod refusals;
mod restarts;
mod short_histories;
