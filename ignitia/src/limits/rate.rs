/// Rate limit, enforced by a token bucket that holds `burst` tokens and regains `per_second`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// Sustained rate. 0 counts as 1.
    pub per_second: u32,
    /// Size of a burst. 0 counts as 1.
    pub burst: u32,
}

impl Rate {
    /// Returns a rate of `per_second`, with bursts of up to `burst`.
    pub const fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst }
    }
}
