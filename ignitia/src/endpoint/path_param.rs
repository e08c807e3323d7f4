use std::str::FromStr;

/// A type that a parameter of the path can be parsed to: everything that is [`FromStr`], so `String`, numbers, `bool`,
/// `IpAddr`, and types of your own.
///
/// A segment that cannot be parsed is a 404. It is percent-decoded before: it may be `..`, and may hold a slash (`%2F`); the tail of a
/// path may have `..` between its slashes. Nothing of it belongs into the path of a file, or into another URL, unseen.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed from a segment of the path",
    label = "a parameter of the path needs `FromStr`",
    note = "a type of yours needs `std::str::FromStr`; for one that has none take a `String`, and parse it"
)]
pub trait PathParam: Sized {
    /// The value of a percent-decoded segment; `None` if it is none.
    fn from_param(segment: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> PathParam for T {
    fn from_param(segment: &str) -> Option<Self> {
        segment.parse().ok()
    }
}
