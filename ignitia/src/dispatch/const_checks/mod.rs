//! Checks of an endpoint at compile time: functions that panic in constants.

mod const_str;
mod const_text;
mod exhaustiveness;
mod id_placement;

pub use self::{
    exhaustiveness::{Checked, NoVariants, Variant, Variants, VariantsOf, all_are_handled, names_all_fields},
    id_placement::{MessagesOf, NoMessages, id_fits, id_is_new},
};
