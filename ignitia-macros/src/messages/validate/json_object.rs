//! Types that are known not to be JSON objects.

use syn::{PathSegment, Type};

use crate::{
    messages::side::Side,
    std_types::{first_type_argument, std_segment},
};

const SCALARS: &[&str] = &[
    "bool", "char", "str", "String", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
    "u128", "usize", "f32", "f64",
];
const SEQUENCES: &[&str] = &["Vec", "VecDeque", "LinkedList", "HashSet", "BTreeSet", "BinaryHeap"];
const TRANSPARENT: &[&str] = &["Box", "Rc", "Arc", "Cow"];

/// Returns true if the type is certainly not serialized as an object. An unknown type may be one.
pub(super) fn is_not_object(ty: &Type, side: Side) -> bool {
    match ty {
        Type::Array(_) | Type::Slice(_) => true,
        // Serde serializes `()` as an empty object.
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::Group(group) => is_not_object(&group.elem, side),
        Type::Paren(paren) => is_not_object(&paren.elem, side),
        Type::Reference(reference) => is_not_object(&reference.elem, side),
        Type::Path(path) if path.qself.is_none() => {
            std_segment(&path.path).is_some_and(|segment| names_non_object(segment, side))
        }
        _ => false,
    }
}

fn names_non_object(segment: &PathSegment, side: Side) -> bool {
    let is = |names: &[&str]| names.iter().any(|name| segment.ident == name);
    if is(SCALARS) || is(SEQUENCES) {
        return true;
    }
    // Serde reads an `Option` of an object beside a tag, but does not write one.
    let is_option = is(&["Option"]);
    (is_option && side == Side::Server)
        || (is_option || is(TRANSPARENT))
            && first_type_argument(segment).is_some_and(|argument| is_not_object(argument, side))
}
