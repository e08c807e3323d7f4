use ignitia::prelude::*;

#[websocket("/chat")]
struct Chat {
    room: String,
}

fn main() {
    println!("{}", Chat { room: String::new() }.room);
}
