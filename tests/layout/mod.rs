//! Guards of the layout, read from the sources: order between files, and the form of text.
//!
//! A guard lists all violations. There are no exceptions. `layers.rs` holds the order of the
//! modules. The environment variable `LAYOUT_ROOT` names another checkout to read.

mod circles;
mod citations;
mod columns;
mod comments;
mod direction;
mod layers;
mod length;
mod markdown;
mod modules;
mod names;
mod packages;
mod prose;
mod purity;
mod reach;
mod report;
mod sources;
mod syntax;
mod tokens;
mod uses;
