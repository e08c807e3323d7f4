//! Helpers that several subjects share: a raw client, servers on ports of their own, and waits with
//! a deadline.

mod bystander;
mod counted_writes;
mod departure;
mod dice;
mod frame;
mod handlers;
mod heap;
mod http2;
mod identity;
mod log;
mod recorder;
mod request;
mod running_count;
mod server;
mod socket;
mod temp_folder;
mod test_client;
pub(crate) mod transport;
mod wait;

pub(crate) use self::{
    bystander::Bystander,
    counted_writes::CountedWrites,
    departure::{Departure, leave},
    dice::Dice,
    frame::{BINARY, CLOSE, COMPRESSED, Frame, PING, PONG, TEXT, close, frame, header, text},
    handlers::{echo, echoes, forever, reporting_echo, until_closed},
    heap::{HEAP, heap, is_alone},
    http2::Http2Stream,
    identity::{Identity, trusting},
    log::Log,
    recorder::Recorder,
    request::{Head, KEY, Request},
    running_count::RunningCount,
    server::{Running, Transport, certificate, everywhere, loopback, over_http1, tcp, tls, try_tls},
    socket::{End, RawSocket},
    temp_folder::TempFolder,
    test_client::{ask, client, client_of, nothing_came, route},
    wait::{DEADLINE, next, until, within},
};
