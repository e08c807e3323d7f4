//! Paths: how they are written, built and taken apart.

mod reference;
mod routes;
mod template;

pub use self::{
    reference::{Values, cookies, values},
    routes::Routes,
    template::check_template,
};
