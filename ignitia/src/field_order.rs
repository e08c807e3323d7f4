//! Order of fields, for structs whose fields lie in memory in the order of use.

/// Asserts that the fields of a struct lie in memory in the order of the list, and that none is
/// missing in it.
macro_rules! assert_field_order {
    ($type:path: $($field:ident),+ $(,)?) => {{
        // Fails to compile when a field is not listed.
        #[allow(unused_variables, reason = "it only lists the fields")]
        let all = |$type { $($field),+ }: &$type| ();
        let _ = all;
        let offsets = [$(std::mem::offset_of!($type, $field)),+];
        assert!(offsets.is_sorted(), "{}: {offsets:?}", stringify!($type));
    }};
}
