//! Names in the spellings of other languages.

/// Converts `like_this`, `LikeThis`, `like-this` and `like this` to `LikeThis`. What is no letter
/// or digit of ASCII ends a word.
pub(super) fn pascal_case(name: &str) -> String {
    joined(name, |char| char.is_ascii_alphanumeric())
}

/// Converts in the same way to `likeThis`, with the letters of all languages. `HTTPChat` is
/// `httpChat`.
pub(super) fn camel_case(name: &str) -> String {
    let words: Vec<char> = joined(name, char::is_alphanumeric).chars().collect();
    let capitals = words.iter().take_while(|char| char.is_uppercase()).count();
    // The last of several capitals begins the second word.
    let begins_word = capitals > 1 && words.get(capitals).is_some_and(|char| char.is_lowercase());
    let (first, rest) = words.split_at(if begins_word { capitals - 1 } else { capitals });
    first.iter().flat_map(|char| char.to_lowercase()).chain(rest.iter().copied()).collect()
}

/// Joins words that begin with a capital. What is no part of a word ends one.
fn joined(name: &str, is_part: impl Fn(char) -> bool) -> String {
    let mut words = String::new();
    let mut begins = true;
    for char in name.chars() {
        if !is_part(char) {
            begins = true;
            continue;
        }
        if begins {
            words.extend(char.to_uppercase());
        } else {
            words.push(char);
        }
        begins = false;
    }
    words
}

/// Removes the space that `///` leaves at the beginning of each line, and joins the lines.
pub(super) fn doc_text(lines: &[&str]) -> String {
    let lines: Vec<&str> =
        lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_of_names() {
        for (name, expected) in [
            ("chat", "chat"),
            ("Chat", "chat"),
            ("chat_room", "chatRoom"),
            ("ChatRoom", "chatRoom"),
            ("HTTPChat", "httpChat"),
            ("ID", "id"),
            ("A", "a"),
            ("ABoard", "aBoard"),
            ("X2Board", "x2Board"),
            ("/rooms/{room}", "roomsRoom"),
            ("Ärzte_Öl", "ärzteÖl"),
            ("", ""),
        ] {
            assert_eq!(camel_case(name), expected, "{name}");
        }
    }

    #[test]
    fn pascal_case_of_names() {
        for (name, expected) in
            [("like_this", "LikeThis"), ("likeThis", "LikeThis"), ("like-this 2", "LikeThis2"), ("öl", "L")]
        {
            assert_eq!(pascal_case(name), expected, "{name}");
        }
    }
}
