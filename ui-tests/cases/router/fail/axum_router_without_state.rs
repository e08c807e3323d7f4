use ignitia::prelude::*;

#[derive(Clone)]
struct Db;

async fn page(State(_db): State<Db>) -> &'static str {
    "a page"
}

fn main() {
    let app = axum::Router::<Db>::new().route("/", axum::routing::get(page));
    let _ = Server::new(app, ([127, 0, 0, 1], 3000).into());
}
