/// Unit of presence in lists and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PresenceGrouping {
    /// Each membership.
    Memberships,
    /// Each key, and each membership without one.
    Keys,
}
