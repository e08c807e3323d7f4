//! Parses the syntax of the attribute and the item, without judging it.

mod connection_alias;
mod every_attribute;
mod function;
mod item;
mod method;
mod on_attribute;
mod options;
mod recovery;
mod session;

pub(super) use self::{
    function::Function,
    item::{AnnotatedItem, MisplacedType, item},
    method::Method,
    on_attribute::OnAttribute,
    options::{EndpointOptions, OnMalformed, OptionValue, PathLiteral, options},
    recovery::UnparsableFunction,
    session::{SessionBlock, SessionItem},
};
