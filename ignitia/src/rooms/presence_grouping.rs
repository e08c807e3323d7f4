/// PresenceGrouping whom there are events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PresenceGrouping {
    /// PresenceGrouping each membership.
    Memberships,
    /// PresenceGrouping each key, and of each membership without one.
    Keys,
}
