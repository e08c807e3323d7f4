use std::{borrow::Borrow, fmt, sync::Arc};

/// Key of a member: its identity in the application, such as the id of its user, the same on all
/// its connections.
///
/// It is made from a text or from a number, which is the same as its digits: `7` and `"7"` are one
/// key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberKey(Arc<str>);

impl MemberKey {
    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Borrow<str> for MemberKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&Self> for MemberKey {
    fn from(key: &Self) -> Self {
        key.clone()
    }
}

macro_rules! from_text {
    ($($text:ty),*) => {$(
        impl From<$text> for MemberKey {
            fn from(text: $text) -> Self {
                Self(text.into())
            }
        }
    )*};
}

from_text!(&str, String, Box<str>, Arc<str>);

impl From<&String> for MemberKey {
    fn from(text: &String) -> Self {
        Self(text.as_str().into())
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        impl From<$number> for MemberKey {
            fn from(number: $number) -> Self {
                Self(number.to_string().into())
            }
        }
    )*};
}

from_number!(u32, u64, u128, usize, i32, i64);
