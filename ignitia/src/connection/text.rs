use std::ops::Deref;

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A text as it was received: ready to be taken away, or small and only to be read, in memory that others share.
#[derive(Debug)]
pub(crate) enum Text {
    Shared(Utf8Bytes),
    Owned(String),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Shared(text) => text,
            Text::Owned(text) => text,
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl From<Utf8Bytes> for Text {
    fn from(text: Utf8Bytes) -> Self {
        Text::Shared(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::Owned(text)
    }
}

impl From<Text> for String {
    #[inline]
    fn from(text: Text) -> Self {
        match text {
            Text::Shared(text) => text.as_str().to_owned(),
            Text::Owned(text) => text,
        }
    }
}
