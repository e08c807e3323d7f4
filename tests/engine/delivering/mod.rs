//! Messages between nodes whose server is there.

mod every_node;
mod first_and_last;
mod held_messages;
mod many_rooms;
