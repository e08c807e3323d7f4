//! Compression of messages: permessage-deflate ([RFC
//! 7692](https://www.rfc-editor.org/rfc/rfc7692)), against a second implementation.

mod blocks;
mod final_blocks;
mod inspection;
mod peer;
mod second_implementation;
