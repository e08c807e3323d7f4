//! Guard: imports go one way between the modules of a crate, in the order of `layers.rs`.

use std::collections::BTreeMap;

use super::{
    layers::{ORDERS, Order},
    modules::Tree,
    report::{Violation, hold},
    syntax::{self, Scope},
    uses::uses,
};

const ADVICE: &str = "A module uses only what tests/layout/layers.rs lists before it: move the item down to \
                      where both may use it, or hand it in as an argument.";

#[test]
fn modules_use_only_what_stands_below_them() {
    let files = syntax::repository();
    let violations = ORDERS.iter().flat_map(|order| upward(files, order)).collect();
    hold(violations, ADVICE);
}

#[test]
fn every_module_has_a_layer() {
    let files = syntax::repository();
    let violations = ORDERS.iter().flat_map(|order| without_layer(files, order)).collect();
    hold(violations, "Name the module in tests/layout/layers.rs.");
}

fn upward(files: &BTreeMap<String, Scope>, order: &Order) -> Vec<Violation> {
    let uses = uses(&Tree::new(files, order.root));
    let mut violations = Vec::new();
    for ((from, to), found) in &uses {
        let (Some(user), Some(used)) = (order.layer(from), order.layer(to)) else { continue };
        if user.entry != used.entry && used.level >= user.level {
            let text = format!(
                "`{}` uses `{}` (`{}`), which does not stand below it",
                user.entry, used.entry, found.path
            );
            violations.push(Violation::new(from, found.line, text));
        }
    }
    violations
}

fn without_layer(files: &BTreeMap<String, Scope>, order: &Order) -> Vec<Violation> {
    let tree = Tree::new(files, order.root);
    let inside = tree.modules.iter().filter(|module| !module.is_test && order.contains(&module.file));
    let mut violations: Vec<Violation> = inside
        .filter(|module| order.layer(&module.file).is_none())
        .map(|module| Violation::new(&module.file, 1, "belongs to no layer"))
        .collect();
    let is_used = |entry: &str| {
        let mut layers = tree.modules.iter().filter_map(|module| order.layer(&module.file));
        layers.any(|layer| layer.entry == entry)
    };
    for entry in order.layers.iter().copied().flatten().filter(|entry| !is_used(entry)) {
        let text = format!("`{entry}` names no file of {}", order.root);
        violations.push(Violation::new("tests/layout/layers.rs", 1, text));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{
        super::{sources::Sources, syntax::facts},
        *,
    };

    const ORDER: Order =
        Order { root: "src/lib.rs", layers: &[&["low", "side"], &["high", "high/part"], &["lib"]] };

    fn files(low: &str, side: &str) -> BTreeMap<String, Scope> {
        facts(&Sources::made_up(&[
            ("src/lib.rs", "mod low; mod side; mod high;"),
            ("src/low/mod.rs", "mod inner; pub struct Low;"),
            ("src/low/inner.rs", low),
            ("src/side.rs", side),
            ("src/high/mod.rs", "mod part; pub struct High; fn f(low: crate::low::Low) {}"),
            ("src/high/part.rs", "pub struct Part;"),
        ]))
    }

    #[test]
    fn a_use_upward_is_found() {
        let found = upward(&files("use crate::high::High;", ""), &ORDER);
        assert_eq!(
            found,
            [Violation::new(
                "src/low/inner.rs",
                1,
                "`low` uses `high` (`crate::high::High`), which does not stand below it"
            )]
        );
    }

    #[test]
    fn a_use_sideways_is_found() {
        assert_eq!(upward(&files("", "use crate::low::Low;"), &ORDER).len(), 1);
        assert_eq!(upward(&files("use super::Low;", ""), &ORDER), []);
    }

    #[test]
    fn the_longest_entry_counts_and_a_star_fits_the_rest() {
        let order = Order { root: "src/lib.rs", layers: &[&["*"], &["high", "high/mod"]] };
        let entry = |file: &str| order.layer(file).map(|layer| layer.entry);
        assert_eq!(entry("src/high/mod.rs"), Some("high/mod"));
        assert_eq!(entry("src/high/part.rs"), Some("high"));
        assert_eq!(entry("src/higher.rs"), Some("*"));
        assert_eq!(entry("other/high.rs"), None);
    }

    #[test]
    fn a_module_without_layer_and_a_layer_without_module_are_found() {
        let order = Order { root: "src/lib.rs", layers: &[&["low"], &["high", "gone"], &["lib"]] };
        let found = without_layer(&files("", ""), &order);
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "src/side.rs:1: belongs to no layer",
                "tests/layout/layers.rs:1: `gone` names no file of src/lib.rs"
            ]
        );
    }
}
