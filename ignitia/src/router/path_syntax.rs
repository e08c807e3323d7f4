//! Syntax of paths: mistakes that need a better text than that of axum's matcher.

/// Returns true if every brace of a segment is either doubled, and so a literal, or one of a pair
/// around a parameter's name.
fn has_whole_parameters(segment: &str) -> bool {
    let single = segment.replace("{{", "").replace("}}", "");
    let mut is_open = false;
    let fits = single.chars().filter(|c| matches!(c, '{' | '}')).all(|brace| {
        let was_open = std::mem::replace(&mut is_open, brace == '{');
        was_open == (brace == '}')
    });
    fits && !is_open
}

pub(super) fn check_syntax(path: &str) -> Result<(), String> {
    let malformed = |why: &str| Err(format!("the path `{path}` is malformed: {why}"));
    if !path.starts_with('/') {
        return malformed("it must start with `/`");
    }
    for segment in path.split('/') {
        if !has_whole_parameters(segment) {
            return malformed("a parameter is written `{name}`, within one segment");
        }
        if segment.starts_with('<') && segment.ends_with('>') {
            let name = segment.trim_matches(['<', '>']);
            return match name.strip_suffix("..") {
                Some(rest) => malformed(&format!("a parameter is written `{{*{rest}}}` here")),
                None => malformed(&format!("a parameter is written `{{{name}}}` here")),
            };
        }
        if let Some(name) = segment.strip_prefix(':') {
            return malformed(&format!("a parameter is written `{{{name}}}`"));
        }
        if let Some(name) = segment.strip_prefix('*') {
            return malformed(&format!("the tail of a path is written `{{*{name}}}`"));
        }
        if segment.contains(['?', '#']) {
            return malformed("a path has no query: extract it with `Query`");
        }
    }
    Ok(())
}

pub(super) fn check_prefix(prefix: &str) -> Result<(), String> {
    check_syntax(prefix)?;
    if prefix == "/" {
        return Err("a router cannot be nested at `/`: merge it".into());
    }
    if prefix.contains("{*") {
        return Err(format!("a router cannot be nested at `{prefix}`: it ends in a tail"));
    }
    // Axum would not report it if the router has no routes.
    let malformed = |error| format!("the path `{prefix}` is malformed: {error}");
    matchit::Router::new().insert(prefix, ()).map_err(malformed)
}
