//! Removes the invisible groups.

use syn::{Expr, FnArg, ReturnType, Signature, Type};

/// What stands in the groups that a `macro_rules!` leaves around what it was given.
pub(crate) fn ungroup_expr(mut expression: &Expr) -> &Expr {
    while let Expr::Group(group) = expression {
        expression = &group.expr;
    }
    expression
}

/// A type without the groups that a `macro_rules!` leaves around what it was given.
pub(crate) fn ungroup_type(ty: &mut Type) {
    while let Type::Group(group) = ty {
        *ty = (*group.elem).clone();
    }
    if let Type::Reference(reference) = ty
        && let Type::Group(group) = &*reference.elem
        && matches!(*group.elem, Type::Path(_))
    {
        reference.elem = group.elem.clone();
    }
}

/// What stands in a signature, without those groups.
pub(crate) fn ungroup_signature(mut signature: Signature) -> Signature {
    for input in &mut signature.inputs {
        if let FnArg::Typed(argument) = input {
            ungroup_type(&mut argument.ty);
        }
    }
    if let ReturnType::Type(_, ty) = &mut signature.output {
        ungroup_type(ty);
    }
    signature
}
