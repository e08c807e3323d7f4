use ignitia::prelude::*;

#[websocket("/echo/<room>", on_message)]
async fn echo(room: String) {
    println!("{room}");
}

fn main() {
    let _ = Router::new().mount(echo);
}
