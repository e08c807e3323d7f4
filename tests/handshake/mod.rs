//! The opening handshake, beyond what was seen to go wrong in the field (`mistakes/`): what its answer is made of.

mod response_headers;
