//! Nothing of the standard library's prelude is in scope.

#![deny(warnings)]
#![no_implicit_prelude]

#[derive(::std::clone::Clone)]
struct App;

#[::ignitia::websocket("/chat/<room>/<rest..>")]
async fn chat(
    room: ::std::string::String,
    rest: ::std::string::String,
    app: ::ignitia::State<App>,
    mut ws: ::ignitia::WebSocketConnection,
) -> ::ignitia::Result<::ignitia::Response> {
    let ::ignitia::State(App) = app;
    ws.send_text(room + &rest).await?;
    while ws.recv().await.is_some() {}
    ::std::result::Result::Ok(::ignitia::ResponseExt::text(""))
}

#[::ignitia::websocket("/")]
async fn root(_: ::ignitia::WebSocketConnection) -> ::ignitia::CloseFrame {
    ::ignitia::CloseFrame { code: 4000, reason: ::std::string::String::new() }
}

fn main() {
    let router = ::ignitia::Router::new().mount(root).state(App).mount(chat);
    ::std::assert!(router.into_axum().is_ok());
    ::std::assert!(chat::uri(1, 2) == "/chat/1/2");
    ::std::assert!(root::uri() == "/");
}
