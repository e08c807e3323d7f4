/// Number of messages that wait for a connection's handler and for its transport, and counts that
/// its queues keep between two reports.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "metrics"), allow(dead_code, reason = "only metrics read the fields"))]
pub(crate) struct QueueDepths {
    pub(crate) inbound: usize,
    pub(crate) outbound: usize,
    /// Number of messages dropped since the last report.
    pub(crate) dropped: u64,
    /// Bytes that the compression of broadcasts has spared since the last report.
    pub(crate) spared: usize,
}
