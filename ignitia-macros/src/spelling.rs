//! Suggestions for misspelt words.

/// Returns the help for an unknown word.
pub(crate) fn help_for_unknown(word: &str, known: &[&str]) -> String {
    match (did_you_mean(word, known), known) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, [only]) => format!("the only option is `{only}`"),
        (None, _) => format!("the options are: {}", known.join(", ")),
    }
}

/// Returns the known word that was probably meant.
pub(crate) fn did_you_mean<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let close = known.iter().map(|candidate| (edit_distance(word, candidate), *candidate)).min()?;
    (close.0 <= 2).then_some(close.1)
}

/// Returns the number of letters to insert, remove or replace to turn one word into the other.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn only_similar_words_are_suggested() {
        assert_eq!(did_you_mean("crat", &["crate", "message"]), Some("crate"));
        assert_eq!(did_you_mean("mesage", &["crate", "message"]), Some("message"));
        assert_eq!(did_you_mean("timeout", &["crate", "message"]), None);
    }
}
