use ignitia::prelude::*;

fn main() {
    let _ = Server::new(Router::new(), "127.0.0.1:3000");
}
