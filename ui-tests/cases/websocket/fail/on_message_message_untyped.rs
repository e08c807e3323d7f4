use ignitia::prelude::*;

#[websocket("/echo", on_message)]
async fn echo(msg: Message) {
    println!("{msg:?}");
}

fn main() {
    let _ = Router::new().mount(echo);
}
