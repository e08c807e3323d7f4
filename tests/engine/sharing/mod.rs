//! Servers that several applications, or versions of one, share.

mod applications;
mod versions;
