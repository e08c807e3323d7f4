//! Syntax only: what stands where.

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
    item::{Item, TypeItem, item},
    method::Method,
    on_attribute::Handler,
    options::{Attributes, Given, OnMalformed, Template, attribute},
    recovery::HalfTyped,
    session::{Item as SessionItem, Session},
};
