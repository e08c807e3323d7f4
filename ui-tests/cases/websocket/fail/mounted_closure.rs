use ignitia::prelude::*;

fn main() {
    let _ = Router::new().mount(async |_: WebSocketConnection| Response::ok());
}
