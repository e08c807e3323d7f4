//! Starts every example as a user would, connects to it over a real socket, and stops it with
//! SIGTERM.

mod auth;
mod axum_app;
mod batch;
mod chat;
mod chat_member;
mod client;
mod contract;
mod counter;
mod deadline;
mod echo;
mod gallery;
mod metrics;
mod running_example;
mod support_desk;
mod tls;
mod typed_chat;
