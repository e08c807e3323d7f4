//! Path templates of the macro. A macro crate cannot be linked, so this includes its source file.

use ignitia::__private::{push_literal, push_segment};

#[path = "../../../../ignitia-macros/src/path_template.rs"]
#[allow(dead_code, reason = "a part of the file is used")]
mod path_template;

use self::path_template::{PathTemplate, Segment};

/// Parses a path like the macro. An accepted path must be a route that is found, and the error of a
/// refused one must have a caret under the path.
///
/// # Panics
///
/// If one of these rules is violated.
pub fn check_template(text: &str, reaches: impl Fn(&str, &str) -> Option<bool>) {
    let template = match PathTemplate::parse(text) {
        Ok(template) => template,
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                if text.chars().any(char::is_control) {
                    // A control character would shift the caret.
                    continue;
                }
                let shown = fault.render(text);
                let Some((_, shown)) = shown.split_once(&format!("\"{text}\"")) else {
                    panic!("not shown: {shown}")
                };
                let caret = shown.lines().nth(1).unwrap_or_default();
                let (indent, places) = caret.split_at(caret.find('^').expect("a caret"));
                let places = places.chars().count() + indent.len() - "     ".len();
                assert!(places <= text.chars().count().max(1), "the caret is not under the path: {caret}");
            }
            return;
        }
    };
    assert_eq!(template.text, text);
    let mut uri = String::new();
    for segment in &template.segments {
        uri.push('/');
        match segment {
            Segment::Literal(text) => push_literal(&mut uri, text),
            Segment::Parameter { is_tail, .. } => push_segment(&mut uri, &"a /?%ü", *is_tail),
        }
    }
    let uri = if uri.is_empty() { "/" } else { &uri };
    assert_ne!(reaches(&template.route(), uri), Some(false), "{uri} is not found");
}
