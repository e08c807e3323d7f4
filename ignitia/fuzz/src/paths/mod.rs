//! Paths: templates of the macro, routers, and extraction of values.

mod reference;
mod routes;
mod template;

pub use self::{
    reference::{PathValues, cookies, values},
    routes::RouterInput,
    template::check_template,
};
