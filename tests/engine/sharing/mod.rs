//! Servers that several applications, or versions of one, share.

mod applications;
mod foreign_writes;
mod versions;
