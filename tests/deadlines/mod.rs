//! Deadlines: requests that do not arrive in time, HTTP keep-alive, and stalls of our own process.

mod byte_by_byte;
mod http_keep_alive;
mod longest_timeouts;
mod process_freezes;
mod unfinished_requests;
