//! Servers and connections that fail. The server keeps its data, so nothing may be lost.

mod absence;
mod deafness;
mod handlers;
mod repeats;
mod rights_taken_away;
