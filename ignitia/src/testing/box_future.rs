use std::{future::Future, pin::Pin};

/// Boxed future of a client. It does not name the type of the value that is sent or read, so that
/// the compiler reports an error in that type once.
pub(super) type BoxFuture<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
