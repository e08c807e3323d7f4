//! Removes the invisible groups that a `macro_rules!` puts around its fragments.

use syn::{Expr, FnArg, ReturnType, Signature, Type};

/// Returns the expression in such groups.
pub(crate) fn ungroup_expr(mut expression: &Expr) -> &Expr {
    while let Expr::Group(group) = expression {
        expression = &group.expr;
    }
    expression
}

/// Removes such groups around a type, and around the target of a reference.
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

/// Removes such groups around the types of a signature.
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
