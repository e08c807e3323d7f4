//! The numbers of arguments that a handler may have.

/// Calls a macro for 1 to 7 arguments.
macro_rules! for_each_arity {
    ($macro:ident) => {
        $macro!(A);
        $macro!(A B);
        $macro!(A B C);
        $macro!(A B C D);
        $macro!(A B C D E);
        $macro!(A B C D E G);
        $macro!(A B C D E G H);
    };
}
pub(super) use for_each_arity;
