/// Rate limit, enforced by a token bucket that holds `burst` tokens and regains `per_second`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Sustained rate. 0 counts as 1.
    pub per_second: u32,
    /// Size of a burst. 0 counts as 1.
    pub burst: u32,
}
