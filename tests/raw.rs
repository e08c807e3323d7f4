//! A raw client.
