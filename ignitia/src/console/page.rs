//! The files of the page.

/// File of the page.
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) media_type: &'static str,
    pub(super) content: &'static str,
}

macro_rules! files {
    ($($name:literal $media_type:ident),* $(,)?) => {
        &[$(File { name: $name, media_type: $media_type, content: include_str!(concat!("page/", $name)) }),*]
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The page itself.
pub(super) const INDEX: &str = include_str!("page/index.html");

/// The files that the page loads.
pub(super) const FILES: &[File] = files![
    "address.js" SCRIPT,
    "close_codes.js" SCRIPT,
    "composer.js" SCRIPT,
    "connection.js" SCRIPT,
    "console.css" STYLE,
    "console.js" SCRIPT,
    "contract.js" SCRIPT,
    "controls.js" SCRIPT,
    "conversation.js" SCRIPT,
    "dom.js" SCRIPT,
    "draft.js" SCRIPT,
    "form.js" SCRIPT,
    "format.js" SCRIPT,
    "inspector.js" SCRIPT,
    "json.js" SCRIPT,
    "log.js" SCRIPT,
    "refusal.js" SCRIPT,
    "schema.js" SCRIPT,
    "session.js" SCRIPT,
    "snippets.js" SCRIPT,
    "transcript.js" SCRIPT,
];
