use ignitia::prelude::*;

#[websocket("/echo", on_message)]
async fn echo() {
    println!("a message");
}

fn main() {
    let _ = Router::new().mount(echo);
}
