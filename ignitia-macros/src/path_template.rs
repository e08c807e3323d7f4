//! Path of an endpoint: `/ws/<room>/<rest..>`.

/// A path with valid segments only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathTemplate {
    /// The path in the attribute.
    pub(crate) text: String,
    pub(crate) segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Parameter { name: String, is_tail: bool },
}

/// An error at one place of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathError {
    problem: String,
    /// Start of the place in characters, for the caret.
    start: usize,
    length: usize,
    help: String,
}

impl PathError {
    /// Returns the message, with the path and a caret below the place: rustc can point only at the
    /// whole literal.
    pub(crate) fn render(&self, path: &str) -> String {
        let caret = format!("{}{}", " ".repeat(self.start), "^".repeat(self.length.max(1)));
        format!("{}\n\n    \"{path}\"\n     {caret}\nhelp: {}", self.problem, self.help)
    }
}

impl PathTemplate {
    /// Parses a path, and returns all of its errors.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<PathError>> {
        let Some(rest) = text.strip_prefix('/') else {
            let help = format!("write \"/{text}\"");
            return Err(vec![PathError {
                problem: "the path must start with `/`".into(),
                start: 0,
                length: 1,
                help,
            }]);
        };
        let mut template = Self { text: text.to_owned(), segments: Vec::new() };
        let mut errors = Vec::new();
        let mut start = 1;
        let count = rest.split('/').count();
        for (index, segment) in rest.split('/').enumerate() {
            let length = segment.chars().count();
            let is_last = index + 1 == count;
            // The root has one empty segment, which does not count.
            if !rest.is_empty() {
                match parse_segment(segment, is_last) {
                    Ok(segment) => match template.duplicate(&segment) {
                        Some(problem) => {
                            let help = "give every parameter its own name".into();
                            errors.push(PathError { problem, start, length, help });
                        }
                        None => template.segments.push(segment),
                    },
                    // The trailing slash is the mistake: there is nothing behind it to point at.
                    Err((problem, help)) => {
                        let start = start - usize::from(is_last && segment.is_empty());
                        errors.push(PathError { problem, start, length, help });
                    }
                }
            }
            start += length + 1;
        }
        if errors.is_empty() { Ok(template) } else { Err(errors) }
    }

    /// Iterates over the names of the parameters, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Parameter { name, .. } => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }

    /// Returns the path in the syntax of axum's router: `/ws/{room}/{*rest}`.
    pub(crate) fn route(&self) -> String {
        if self.segments.is_empty() {
            return "/".into();
        }
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => format!("/{text}"),
            Segment::Parameter { name, is_tail: false } => format!("/{{{name}}}"),
            Segment::Parameter { name, is_tail: true } => format!("/{{*{name}}}"),
        });
        segments.collect()
    }

    fn duplicate(&self, segment: &Segment) -> Option<String> {
        let Segment::Parameter { name, .. } = segment else { return None };
        self.parameters()
            .any(|known| known == name)
            .then(|| format!("the parameter `<{name}>` appears twice"))
    }
}

/// Parses one segment. The error is the problem, and the text to write instead.
fn parse_segment(segment: &str, is_last: bool) -> Result<Segment, (String, String)> {
    let error = |problem: String, help: String| Err((problem, help));
    if segment.is_empty() {
        let help = "remove the additional `/`".into();
        return error("the path has an empty segment".into(), help);
    }
    if let Some(inner) = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        return parse_parameter(inner, is_last);
    }
    if let Some(inner) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let name = inner.trim_start_matches('*');
        let tail = if inner.starts_with('*') { ".." } else { "" };
        return error(
            format!("`{segment}` is not the syntax of a parameter"),
            format!("write `<{name}{tail}>`"),
        );
    }
    if let Some(name) = segment.strip_prefix(':') {
        return error(format!("`{segment}` is not the syntax of a parameter"), format!("write `<{name}>`"));
    }
    if let Some(name) = segment.strip_prefix('*') {
        return error(format!("`{segment}` is not the syntax of a parameter"), format!("write `<{name}..>`"));
    }
    if segment.contains(['?', '#']) {
        let help = "take the query with an extractor: `Query(query): Query<..>`".into();
        return error("a query is not part of the path".into(), help);
    }
    match (segment.strip_prefix('<'), segment.strip_suffix('>')) {
        (Some(""), None) | (None, Some("")) => {
            return error(format!("`{segment}` is not a parameter"), "write `<name>`".into());
        }
        (Some(name), None) if !name.contains(['<', '>', '{', '}']) => {
            return error(format!("`{segment}` has no closing `>`"), format!("write `{segment}>`"));
        }
        (None, Some(name)) if !name.contains(['<', '>', '{', '}']) => {
            return error(format!("`{segment}` has no opening `<`"), format!("write `<{segment}`"));
        }
        _ => {}
    }
    if segment.contains(['<', '>', '{', '}']) {
        let help = "put it between slashes, or parse the segment in the handler".into();
        return error("a parameter must be a whole segment".into(), help);
    }
    if segment.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return error(
            "a segment cannot contain white space".into(),
            "write it percent-encoded, or leave it out".into(),
        );
    }
    Ok(Segment::Literal(segment.to_owned()))
}

fn parse_parameter(inner: &str, is_last: bool) -> Result<Segment, (String, String)> {
    let (name, is_tail) = match inner.strip_suffix("..") {
        Some(name) => (name, true),
        None => (inner, false),
    };
    if name.is_empty() {
        return Err(("a parameter needs a name".into(), "name it, for instance `<id>`".into()));
    }
    if !is_identifier(name) {
        if let Some((name, ty)) = name.split_once(':') {
            let (name, ty) = (suggested_name(name), ty.trim());
            let help = format!("write `<{name}>` here, and `{name}: {ty}` among the arguments");
            return Err(("a parameter's type is declared at its argument".into(), help));
        }
        let help = format!("write `<{}{}>`", suggested_name(name), if is_tail { ".." } else { "" });
        return Err((format!("`{name}` is not a valid parameter name"), help));
    }
    if is_tail && !is_last {
        let help = format!("put it last, or write `<{name}>` for one segment");
        return Err((format!("`<{name}..>` takes the rest of the path, so it must be last"), help));
    }
    Ok(Segment::Parameter { name: name.to_owned(), is_tail })
}

/// Returns true if an argument can have this name, raw (`r#type`) or not.
fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !matches!(name, "_" | "self" | "Self" | "super" | "crate")
}

/// Returns the most similar valid name.
fn suggested_name(name: &str) -> String {
    let word: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let word = word.trim_matches('_').to_owned();
    match word.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("id_{word}"),
        Some(_) if is_identifier(&word) => word,
        _ => "id".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> String {
        PathTemplate::parse(path).expect("a good path").route()
    }

    fn errors(path: &str) -> Vec<String> {
        let errors = PathTemplate::parse(path).expect_err("a bad path");
        errors.iter().map(|error| format!("{}; {}", error.problem, error.help)).collect()
    }

    #[test]
    fn good_paths_become_routes() {
        assert_eq!(route("/"), "/");
        assert_eq!(route("/ws"), "/ws");
        assert_eq!(route("/ws/<room>/<rest..>"), "/ws/{room}/{*rest}");
        assert_eq!(route("/<a>/b/<type>"), "/{a}/b/{type}");
    }

    #[test]
    fn every_error_says_what_to_write() {
        for (path, error) in [
            ("ws", "the path must start with `/`; write \"/ws\""),
            ("", "the path must start with `/`; write \"/\""),
            ("/ws//x", "the path has an empty segment; remove the additional `/`"),
            ("/ws/", "the path has an empty segment; remove the additional `/`"),
            ("/<>", "a parameter needs a name; name it, for instance `<id>`"),
            ("/<room-id>", "`room-id` is not a valid parameter name; write `<room_id>`"),
            ("/<1st>", "`1st` is not a valid parameter name; write `<id_1st>`"),
            ("/<self>", "`self` is not a valid parameter name; write `<id>`"),
            ("/{id}", "`{id}` is not the syntax of a parameter; write `<id>`"),
            ("/{*rest}", "`{*rest}` is not the syntax of a parameter; write `<rest..>`"),
            ("/:id", "`:id` is not the syntax of a parameter; write `<id>`"),
            ("/*rest", "`*rest` is not the syntax of a parameter; write `<rest..>`"),
            (
                "/v<id>",
                "a parameter must be a whole segment; put it between slashes, or parse the segment in the handler",
            ),
            (
                "/<rest..>/x",
                "`<rest..>` takes the rest of the path, so it must be last; put it last, or write `<rest>` for one segment",
            ),
            ("/<a>/<a>", "the parameter `<a>` appears twice; give every parameter its own name"),
            (
                "/ws?x=1",
                "a query is not part of the path; take the query with an extractor: `Query(query): Query<..>`",
            ),
            ("/a b", "a segment cannot contain white space; write it percent-encoded, or leave it out"),
        ] {
            assert_eq!(errors(path), [error], "{path}");
        }
    }

    #[test]
    fn all_errors_are_found() {
        assert_eq!(errors("/{a}//<b->").len(), 3);
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let path = "/ü/<room-id>";
        let error = PathTemplate::parse(path).expect_err("a bad path").remove(0);
        assert_eq!(
            error.render(path),
            "`room-id` is not a valid parameter name\n\n    \"/ü/<room-id>\"\n        ^^^^^^^^^\nhelp: write `<room_id>`"
        );
    }
}
