//! Liveness: keepalive pings, the idle timeout, and pings of the application.

mod application_heartbeat;
mod idle_timeout;
mod over_sockets;
mod pings;
mod typed_pings;
