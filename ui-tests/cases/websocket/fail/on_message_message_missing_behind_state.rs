use ignitia::prelude::*;

#[websocket("/echo", on_message)]
async fn echo(State(greeting): State<String>) {
    println!("{greeting}");
}

fn main() {
    let _ = Router::new().state(String::new()).mount(echo);
}
