//! Guard: what a text cites stands in the repository.

use super::{
    comments, markdown,
    report::{Violation, hold},
    sources::{Sources, folder_of, join},
};

/// Address of the repository's own files.
const OWN: &str = "https://github.com/ignitia/ignitia/blob/main/";

const ADVICE: &str = "Cite what a reader has: a file of the repository, or an RFC with its section.";

#[test]
fn every_cited_document_is_in_the_repository() {
    let violations = dangling(Sources::repository());
    hold(violations, ADVICE);
}

fn dangling(sources: &Sources) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, text) in sources.ending(".md") {
        for (number, line) in markdown::prose(text) {
            violations
                .extend(dangling_in(sources, file, line).map(|text| Violation::new(file, number, text)));
        }
    }
    for (file, text) in sources.ending(".rs") {
        for comment in comments::read(text).comments {
            let found = dangling_in(sources, file, comment.text);
            violations.extend(found.map(|text| Violation::new(file, comment.line, text)));
        }
    }
    violations
}

fn dangling_in<'a>(sources: &'a Sources, file: &'a str, line: &'a str) -> impl Iterator<Item = String> + 'a {
    let links = markdown::targets(line).into_iter().filter(move |target| !resolves(sources, file, target));
    let links = links.map(|target| format!("the link leads to no file: `{target}`"));
    let documents = documents(&markdown::without_targets(line))
        .into_iter()
        .filter(move |path| !is_known(sources, path))
        .map(|path| format!("there is no such file: `{path}`"));
    let designs = cites_design(line).then(|| "cites a design, which is not in the repository".to_owned());
    links.chain(documents).chain(designs)
}

/// Returns true for a target that exists, and for one that is no file of the repository.
fn resolves(sources: &Sources, file: &str, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    let own = path.strip_prefix(OWN);
    let is_file = path.contains('/') || [".md", ".rs"].iter().any(|end| path.ends_with(end));
    if own.is_none() && (path.contains("://") || path.contains("::") || !is_file) {
        return true;
    }
    own.map_or_else(|| sources.exists(&join(folder_of(file), path)), |path| sources.exists(path))
}

/// Returns words that look like a document, or like a path to a source.
fn documents(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || "_-./".contains(c)));
    words
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| {
            let is_source = [".rs", ".sh", ".py", ".js", ".toml"].iter().any(|end| word.ends_with(end));
            word.len() > 3 && (word.ends_with(".md") || (is_source && word.contains('/')))
        })
        .map(str::to_owned)
        .collect()
}

/// Returns true if a file has this path, or one that ends with it.
fn is_known(sources: &Sources, path: &str) -> bool {
    let path = path.trim_start_matches("./").trim_start_matches("../").trim_start_matches('/');
    let end = format!("/{path}");
    sources.paths.iter().any(|known| known == path || known.ends_with(&end))
}

/// Returns true for a citation of a design by its section, or of one that is taken as known.
fn cites_design(line: &str) -> bool {
    let line = line.to_lowercase();
    let mut rests = line.match_indices("design").map(|(at, word)| (&line[..at], &line[at + word.len()..]));
    rests.any(|(before, after)| {
        let after =
            after.trim_start_matches("'s").trim_start_matches(" table").trim_start_matches([' ', ',']);
        let is_numbered = after.starts_with("section") || after.starts_with(|c: char| c.is_ascii_digit());
        let is_document = before.ends_with("the ") && !after.starts_with("of ");
        is_numbered || is_document
    })
}

#[test]
fn dangling_citations_are_found() {
    let readme = "[a](src/a.rs) [b](src/b.rs#x) [c](https://x.y/z.md) [d](#here)\nSee `OLD.md`.\n\
                  The design, section 5. The design of queues.\nsee `src/b.rs`, src/a.rs.";
    let sources = Sources::made_up(&[
        ("README.md", readme),
        (
            "src/a.rs",
            "/// [`Self`](Self::a), [up](../README.md), [gone](../GONE.md).\n// Design 5.1: as the table\n",
        ),
    ]);
    let found: Vec<String> = dangling(&sources).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "README.md:1: the link leads to no file: `src/b.rs#x`",
            "README.md:2: there is no such file: `OLD.md`",
            "README.md:3: cites a design, which is not in the repository",
            "README.md:4: there is no such file: `src/b.rs`",
            "src/a.rs:1: the link leads to no file: `../GONE.md`",
            "src/a.rs:2: cites a design, which is not in the repository",
        ]
    );
}
