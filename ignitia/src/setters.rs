//! Setters of configuration structs. Those are `#[non_exhaustive]`, so that they can gain a field
//! without a break.

/// Defines a chainable setter for each field, named as the field. The setter of an `Option` takes
/// the value or the `Option`.
macro_rules! setters {
    ($type:ident $(<$parameter:ident>)? { $($fields:tt)* }) => {
        impl $(<$parameter>)? $type $(<$parameter>)? {
            setters!(@ $type $($fields)*);
        }
    };
    (@ $type:ident) => {};
    (@ $type:ident $field:ident: Option<$value:ty> $(, $($rest:tt)*)?) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](field@", stringify!($type), "::", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, $field: impl Into<Option<$value>>) -> Self {
            self.$field = $field.into();
            self
        }
        setters!(@ $type $($($rest)*)?);
    };
    (@ $type:ident $field:ident: $value:ty $(, $($rest:tt)*)?) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](field@", stringify!($type), "::", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, $field: $value) -> Self {
            self.$field = $field;
            self
        }
        setters!(@ $type $($($rest)*)?);
    };
}
