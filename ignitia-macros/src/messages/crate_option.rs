//! The option `#[message(crate = path)]`.

use syn::{Expr, Meta, Path};

use super::parse::{Attributes, is_one_of};
use crate::ungroup::ungroup_expr;

/// Returns the path in `crate = path`.
pub(super) fn crate_path(option: &Meta) -> Option<&Path> {
    let Meta::NameValue(option) = option else { return None };
    let Expr::Path(path) = ungroup_expr(&option.value) else { return None };
    let is_plain = path.path.segments.iter().all(|segment| segment.arguments.is_none());
    (is_plain && path.qself.is_none() && path.attrs.is_empty()).then_some(&path.path)
}

/// Returns the path of the runtime crate, if the enum names one.
pub(super) fn runtime_crate_path(attributes: &Attributes) -> Option<&Path> {
    attributes.options().filter(|option| is_one_of(option, &["crate"])).find_map(crate_path)
}
