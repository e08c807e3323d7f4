#[cfg(unix)]
use super::socket_file::SocketFile;

/// Cleanup of an address that a server no longer listens on. Happens on drop.
#[derive(Debug)]
pub enum Cleanup {
    /// There is nothing of ours to remove.
    None,
    /// The file of the Unix socket is removed.
    #[cfg(unix)]
    SocketFile(SocketFile),
}
